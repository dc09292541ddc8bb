namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A piece of what a model wrote.</summary>
/// <param name="Text">The piece.</param>
/// <param name="IsShown">Whether a reader sees it, or only what looks for texts does, as with special tokens.</param>
internal readonly record struct TextRun(string Text, bool IsShown);
