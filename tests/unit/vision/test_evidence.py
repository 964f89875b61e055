"""What is kept of a count, and whether a folder of it is whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from collateral.contract.evidence import CameraFinding, EvidenceRecord, Zone, fingerprint, read_record
from tests.unit.vision.builders import boxes_of, herd, jpeg, sunny_pen
from vision.__main__ import main
from vision.counter import Counter
from vision.detector import Boxes
from vision.detectors.replay import ReplayDetector
from vision.errors import VisionError
from vision.evidence.chains import Chains
from vision.evidence.folder import PICTURE, RECORD, EvidenceFolder
from vision.evidence.making import Counted, Evidence, Taken, make_evidence, uncounted
from vision.evidence.watched import count_watched
from vision.manifest import Manifest, SceneTrust
from vision.region import Region

DAWN = datetime(2026, 6, 1, 6, tzinfo=UTC)
PERSON = 3
LEFT_HALF = Region(((0, 0), (0.5, 0), (0.5, 1), (0, 1)))


def counter_of(boxes: Boxes) -> Counter:
    trust = {"any": SceneTrust(0.5, 0.5, 100)}
    return Counter(ReplayDetector([boxes] * 9, "herd-test"), Manifest("herd-test", "a" * 64, 640, trust))


def together(*boxes: Boxes) -> Boxes:
    return Boxes(
        np.concatenate([b.xyxy for b in boxes]),
        np.concatenate([b.score for b in boxes]),
        np.concatenate([b.class_id for b in boxes]),
    )


def counted_of(boxes: Boxes, data: bytes | None = None, region: Region | None = None) -> Counted:
    return count_watched(counter_of(boxes), data or jpeg(sunny_pen()), method="camera-still", region=region)


def taken(number: int = 1, camera: str = "cam-1") -> Taken:
    at = DAWN + timedelta(hours=number)
    return Taken(camera=camera, sha256=fingerprint(b"%d" % number), captured_at=at, received_at=at, counted_at=at)


def evidence(counted: Counted) -> tuple[EvidenceRecord, Evidence]:
    made = make_evidence(taken(), counted, Chains(DAWN).link("cam-1"))
    return read_record(made.record), made


def filled(root: Path, records: int = 4) -> list[Evidence]:
    folder, chains, made = EvidenceFolder(root), Chains(DAWN), []
    for number in range(1, records + 1):
        made.append(make_evidence(taken(number), counted_of(herd(5)), chains.link("cam-1")))
        folder.keep(made[-1])
        chains.hung("cam-1", made[-1].record)
    return made


def test_a_record_holds_what_the_count_rests_on() -> None:
    record, made = evidence(counted_of(together(herd(5), boxes_of([((5, 5, 20, 20), 0.3, 0)]))))
    assert record.count is not None
    assert (record.count.best, record.model_version, record.model_sha256) == (5, "herd-test", "a" * 64)
    assert (record.frame_sha256, record.picture_sha256) == (fingerprint(b"1"), fingerprint(made.jpeg))
    assert (record.width, record.height, record.captured_at) == (320, 180, DAWN + timedelta(hours=1))
    assert [box.counted for box in record.boxes] == [True] * 5 + [False]


def test_the_region_that_was_counted_is_on_record_and_who_stood_outside_is_not_counted() -> None:
    record, _ = evidence(counted_of(herd(10), region=LEFT_HALF))
    assert [zone.corners for zone in record.zones] == [LEFT_HALF.corners]
    assert [box.counted for box in record.boxes].count(True) == 5
    assert len(record.boxes) == 10


def test_a_person_is_hidden_never_counted_and_not_on_record() -> None:
    frame = sunny_pen(640, 360)
    standing = boxes_of([((300, 100, 360, 300), 0.2, PERSON)])
    counted = count_watched(counter_of(standing), jpeg(frame), method="camera-still")
    record, made = evidence(counted)
    assert record.count is not None
    assert (record.count.best, record.people_hidden, record.boxes) == (0, 1, ())
    shown = cv2.imdecode(np.frombuffer(made.jpeg, np.uint8), cv2.IMREAD_COLOR)
    changed = np.abs(shown[:360].astype(int) - frame)
    assert changed[100:300, 300:360].mean() > 3 * changed[100:300, 20:250].mean()


def test_a_person_before_a_dark_camera_is_hidden_although_nothing_is_counted() -> None:
    dim = np.asarray(sunny_pen() // 16, np.uint8)
    standing = boxes_of([((100, 20, 160, 170), 0.5, PERSON)])
    record, _ = evidence(counted_of(standing, jpeg(dim)))
    assert (record.count, record.unknown_because, record.people_hidden) == (None, "dark", 1)


def test_bytes_that_are_no_picture_leave_a_record_and_a_picture_that_says_so() -> None:
    record, made = evidence(counted_of(herd(3), b"no picture, but perhaps half a face"))
    assert (record.count, record.unknown_because, record.width) == (None, "unreadable", 0)
    assert cv2.imdecode(np.frombuffer(made.jpeg, np.uint8), cv2.IMREAD_COLOR) is not None


def test_what_the_camera_is_suspected_of_is_on_record() -> None:
    found = CameraFinding(kind="frozen", says="the picture has not changed for 20 minutes")
    counted = count_watched(counter_of(herd(2)), jpeg(sunny_pen()), method="camera-still", suspect=lambda _: (found,))
    assert evidence(counted)[0].findings == (found,)


def test_the_same_count_makes_the_same_bytes() -> None:
    assert evidence(counted_of(herd(4)))[1] == evidence(counted_of(herd(4)))[1]


def test_the_bytes_of_the_frame_are_nowhere_in_what_is_kept(tmp_path: Path) -> None:
    data = jpeg(sunny_pen())
    made = make_evidence(taken(), counted_of(herd(2), data), Chains(DAWN).link("cam-1"))
    EvidenceFolder(tmp_path).keep(made)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and data in path.read_bytes()] == []


def test_who_is_sure_is_not_among_the_unsure() -> None:
    seen = together(herd(3), boxes_of([((5, 5, 20, 20), 0.05, 0), ((5, 5, 20, 20), 0.2, 1)]))
    assert uncounted(seen, herd(3)).score.tolist() == [pytest.approx(0.2)]


def test_records_and_pictures_lie_under_their_hashes(tmp_path: Path) -> None:
    made = filled(tmp_path, 2)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(files) == 4
    assert all(fingerprint(path.read_bytes()) == path.stem and path.parent.name == path.stem[:2] for path in files)
    assert EvidenceFolder(tmp_path).path(made[0].name, RECORD).read_bytes() == made[0].record


def test_a_folder_goes_on_where_it_ended(tmp_path: Path) -> None:
    last = filled(tmp_path, 3)[-1]
    link = EvidenceFolder(tmp_path).links()["cam-1"]
    assert (link.number, link.previous) == (4, last.name)


def test_a_folder_that_nobody_touched_is_whole(tmp_path: Path) -> None:
    filled(tmp_path)
    assert main(["evidence", "verify", str(tmp_path)]) == 0


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _changed_record(root: Path, made: list[Evidence]) -> None:
    _flip(EvidenceFolder(root).path(made[1].name, RECORD))


def _changed_picture(root: Path, made: list[Evidence]) -> None:
    _flip(EvidenceFolder(root).path(fingerprint(made[1].jpeg), PICTURE))


def _removed_record(root: Path, made: list[Evidence]) -> None:
    EvidenceFolder(root).path(made[1].name, RECORD).unlink()


def _swapped_records(root: Path, made: list[Evidence]) -> None:
    one, two = (EvidenceFolder(root).path(made[place].name, RECORD) for place in (1, 2))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


@pytest.mark.parametrize("deed", [_changed_record, _changed_picture, _removed_record, _swapped_records])
def test_whatever_was_done_to_a_folder_is_found(
    tmp_path: Path, deed: object, capsys: pytest.CaptureFixture[str]
) -> None:
    made = filled(tmp_path)
    assert callable(deed)
    deed(tmp_path, made)
    assert main(["evidence", "verify", str(tmp_path), "--json"]) == 1
    assert "FAULT" in capsys.readouterr().err


def test_a_cut_off_end_is_found_by_its_name(tmp_path: Path) -> None:
    last = filled(tmp_path)[-1]
    EvidenceFolder(tmp_path).path(last.name, RECORD).unlink()
    assert main(["evidence", "verify", str(tmp_path)]) == 0
    assert main(["evidence", "verify", str(tmp_path), "--newest", f"cam-1={last.name}"]) == 1


def test_the_oldest_go_first_and_the_rest_stays_whole(tmp_path: Path) -> None:
    filled(tmp_path, 6)
    folder = EvidenceFolder(tmp_path)
    assert folder.prune(before=DAWN + timedelta(hours=3)).records == 2
    checked = folder.check()
    assert (checked.whole.faults, checked.whole.chains[0].first, checked.pictures_gone) == ((), 3, 0)


def test_a_folder_is_brought_under_its_bound(tmp_path: Path) -> None:
    filled(tmp_path, 6)
    folder = EvidenceFolder(tmp_path)
    most = folder.size() // 2
    assert folder.prune(most_bytes=most).records >= 3
    assert folder.size() <= most


def test_what_an_open_case_holds_stays_however_old_and_large(tmp_path: Path) -> None:
    filled(tmp_path, 6)
    pruned = EvidenceFolder(tmp_path).prune(
        before=DAWN + timedelta(days=9), most_bytes=0, hold_since=DAWN + timedelta(hours=2)
    )
    assert pruned.records == 1


def test_a_folder_whose_newest_record_was_changed_takes_no_more(tmp_path: Path) -> None:
    made = filled(tmp_path, 2)
    target = EvidenceFolder(tmp_path).path(made[-1].name, RECORD)
    target.write_bytes(made[-1].record.replace(b'"best":5', b'"best":6').replace(b'"high":6', b'"high":7'))
    with pytest.raises(VisionError, match="was changed"):
        EvidenceFolder(tmp_path).links()


def test_a_folder_that_is_not_there_is_said_and_not_called_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evidence", "verify", str(tmp_path / "nowhere")]) == 2
    assert "no folder" in capsys.readouterr().err


def test_zones_of_both_kinds_are_drawn() -> None:
    zones = (Zone(corners=((0, 0), (0.5, 0), (0.5, 1))), Zone(corners=((0.5, 0), (1, 0), (1, 1)), counts=False))
    counted = counted_of(herd(3))
    plain = evidence(counted)[1].jpeg
    with_zones = Counted(
        image=counted.image, count=counted.count, seen=counted.seen, method="m", model_sha256="", zones=zones
    )
    assert evidence(with_zones)[1].jpeg != plain
