namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>One sequence of a packed batch: rows of its own, after a prefix that may belong to another sequence too.</summary>
/// <param name="Prefix">Index of the segment that precedes the sequence's own rows, or -1 for none.</param>
/// <param name="First">Index of the first of the sequence's own segments.</param>
/// <param name="Count">How many consecutive segments are its own.</param>
internal readonly record struct PackedSequence(int Prefix, int First, int Count);
