"""Names of things. An id is opaque text; what kind of thing it names is in its type."""

from __future__ import annotations

from typing import NewType

BranchId = NewType("BranchId", str)
PersonId = NewType("PersonId", str)
FarmId = NewType("FarmId", str)
PenId = NewType("PenId", str)
AnimalId = NewType("AnimalId", str)
TagId = NewType("TagId", str)  # DevEUI, 16 lower-case hex digits
GatewayId = NewType("GatewayId", str)
CameraId = NewType("CameraId", str)
LoanId = NewType("LoanId", str)
CaseId = NewType("CaseId", int)
