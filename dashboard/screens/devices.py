"""Gateways, cameras and ear tags: what is heard, and for how long it has not been."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import CameraRecord, Devices, GatewayRecord, TagTally
from dashboard import frame, session
from dashboard.figures import ago, as_of, count, head, labelled, why_unknown
from dashboard.tables import DEVICE_STATES, mark
from dashboard.words import _, named

WORST_FIRST = ("never", "silent", "offline", "stale", "online", "fresh")


def show() -> None:
    """The page."""
    frame.live(_draw)


def _draw() -> None:
    devices, now = session.api().devices(), frame.now()
    frame.heading(_("Devices"), as_of(devices.as_of, now))
    _tallies(devices)
    st.subheader(_("Gateways"), anchor=False)
    gateways = sorted(devices.gateways, key=lambda g: WORST_FIRST.index(g.state))
    with st.container(key="gateways_table"):
        st.table([_gateway(g, now) for g in gateways], hide_index=True, border="horizontal")
    st.subheader(_("Cameras"), anchor=False)
    cameras = sorted(devices.cameras, key=lambda c: WORST_FIRST.index(c.freshness))
    with st.container(key="cameras_table"):
        st.table([_camera(c, now) for c in cameras], hide_index=True, border="horizontal")
    st.subheader(_("Ear tags"), anchor=False)
    with st.container(key="tags_table"):
        st.table([_tags(t) for t in devices.tags], hide_index=True, border="horizontal")


def _tallies(devices: Devices) -> None:
    gateways, cameras, tags, battery = st.columns(4)
    online = sum(g.state == "online" for g in devices.gateways)
    counting = sum(c.last_count.best is not None and c.freshness == "fresh" for c in devices.cameras)
    heard, total = sum(t.fresh for t in devices.tags), sum(t.total for t in devices.tags)
    gateways.metric(_("Gateways online"), f"{head(online)} / {head(len(devices.gateways))}", border=True)
    cameras.metric(_("Cameras counting"), f"{head(counting)} / {head(len(devices.cameras))}", border=True)
    tags.metric(_("Ear tags heard"), f"{head(heard)} / {head(total)}", border=True)
    battery.metric(_("Tags with low battery"), head(sum(t.low_battery for t in devices.tags)), border=True)


def _gateway(gateway: GatewayRecord, now: datetime) -> dict[str, str]:
    waiting = head(gateway.unsent)
    if gateway.oldest_unsent_at:
        waiting += f" ({_('oldest {age}').format(age=ago(gateway.oldest_unsent_at, now))})"
    return {
        _("Gateway"): gateway.gateway_id,
        _("Farm"): named(gateway.farm),
        _("State"): mark(DEVICE_STATES, gateway.state).badge(),
        _("Last heard"): ago(gateway.last_heard_at, now),
        _("Readings waiting to be sent"): waiting,
        _("Messages missing"): head(gateway.missing_messages),
        _("Unreadable in 24 h"): head(gateway.unreadable_24h),
    }


def _camera(camera: CameraRecord, now: datetime) -> dict[str, str]:
    value = camera.last_count
    told = count(value) if value.best is not None else labelled(_("unknown"), why_unknown(value))
    return {
        _("Camera"): camera.camera_id,
        _("Farm"): named(camera.farm),
        _("Pen"): camera.pen_name,
        _("State"): mark(DEVICE_STATES, camera.freshness).badge(),
        _("Last count"): told,
        _("Age"): ago(value.as_of, now),
        _("Gateway"): camera.gateway_id,
    }


def _tags(tally: TagTally) -> dict[str, str]:
    return {
        _("Farm"): named(tally.farm),
        _("Ear tags"): head(tally.total),
        _("Fresh"): head(tally.fresh),
        _("Stale"): head(tally.stale),
        _("Silent"): head(tally.silent),
        _("Never heard"): head(tally.never),
        _("Low battery"): head(tally.low_battery),
        _("Tags with gaps in 24 h"): head(tally.with_gaps),
        _("Readings missing in 24 h"): head(tally.missing_readings),
    }
