"""Where moving pictures come from: a video file, a folder of frames, a live camera; one iterator for all."""

from vision.video.frames import Frames, FramesReport, VideoFrame
from vision.video.source import open_frames

__all__ = ["Frames", "FramesReport", "VideoFrame", "open_frames"]
