"""The language model engine. `LlmEngine` is light to import; the provider libraries are loaded late."""

from loopwright.engines.llm.engine import LlmEngine as LlmEngine
