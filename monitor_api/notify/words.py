"""What rules, levels and reasons are called in a message, in Chinese and English."""

from __future__ import annotations

from collateral.alerting.routing import Reason
from collateral.model.person import Level

Words = tuple[str, str]

RULE_NAMES: dict[str, Words] = {
    "left_fence": ("牲畜越出围栏", "Animals outside the fence"),
    "planned_movement": ("已批准变动执行中", "Approved movement under way"),
    "group_removal": ("成群离场", "Group driven off"),
    "count_gap": ("存栏少于账面", "Fewer head than the book"),
    "ghost_animals": ("有标无畜", "Ear tags without animals"),
    "foreign_cattle": ("盘点混入外来牲畜", "Foreign animals at the inspection"),
    "counted_twice": ("盘点重复计数", "Animals counted twice"),
    "double_pledge": ("重复抵押", "Pledged to another bank too"),
    "tag_removed": ("耳标被拆除", "Ear tags taken off"),
    "tag_cloned": ("耳标被克隆", "Ear tag cloned"),
    "tag_moved": ("耳标换戴", "Ear tag on another animal"),
    "suspected_death": ("疑似死亡", "Suspected death"),
    "mortality": ("死亡率异常", "Abnormal mortality"),
    "fever": ("发热", "Fever"),
    "low_activity": ("活动量下降", "Low activity"),
    "outbreak": ("疑似疫病暴发", "Suspected outbreak of disease"),
    "oestrus": ("发情", "Oestrus"),
    "calving": ("临产", "Calving"),
    "feed_stop": ("疑似断料", "Feed running out"),
    "heat_stress": ("热应激", "Heat stress"),
    "farm_blackout": ("全场失联", "Whole farm out of contact"),
    "gateway_silence": ("网关失联", "Gateway silent"),
    "recount_after_blackout": ("恢复联网后复点", "Recount after an outage"),
    "camera_blinded": ("摄像头失效", "Camera blinded"),
    "camera_replayed": ("视频冻结或回放", "Camera plays old pictures"),
    "tag_silence": ("耳标失联", "Ear tags gone silent"),
    "fleet_decay": ("耳标老化", "Ear tags wearing out"),
    "price_ltv": ("押品价格与抵押率", "Price and LTV"),
    "insurance_gap": ("保险缺口", "Insurance gap"),
    "arrears": ("逾期", "Arrears"),
    "registration": ("登记到期", "Registration ends"),
    "concentration": ("集中度", "Concentration"),
    "patrol": ("巡查异常", "Patrols not believable"),
}
LEVELS: dict[str, str] = {"blue": "蓝", "yellow": "黄", "orange": "橙", "red": "红"}

REASONS: dict[str, Words] = {
    Reason.UNACKNOWLEDGED: ("逾时无人受理", "nobody has acknowledged it in time"),
    Reason.UNVERIFIED: ("逾时未核实", "not verified in time"),
    Reason.UNPLANNED: ("逾时无处置方案", "no plan in time"),
    Reason.UNCLOSED: ("逾时未办结", "not closed in time"),
    Reason.REOPENED: ("再次发生", "it has come back"),
    Reason.FLAPPING: ("反复出现，后续变化不再逐条通知", "it comes and goes; further changes are not sent one by one"),
    Reason.CLEARED: ("情况已消失", "the condition is gone"),
    Reason.WITHDRAWN: ("迟到数据表明依据不成立，已撤销", "withdrawn, late data took the ground away"),
    Reason.GROUND_GONE: ("迟到数据表明依据不成立，请复核", "late data took the ground away, please review"),
}
"""What is added to the sentence; the other reasons need no words."""

LADDER: dict[str, Words] = {
    Level.OFFICER: ("客户经理", "officer"),
    Level.BRANCH_HEAD: ("支行行长", "branch head"),
    Level.BRANCH_RISK: ("分行风险经理", "branch risk"),
    Level.HEAD_OFFICE: ("总行", "head office"),
}
