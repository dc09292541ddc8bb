namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Tokens of one sequence that a pass reads behind those in its cache.</summary>
/// <param name="Cache">The sequence's; no two steps of a pass have the same one.</param>
/// <param name="Tokens">Ids; at least one.</param>
/// <param name="SequenceEnd">Tokens of the sequence that is being read, where further steps follow before it is: at least those in the cache and these.</param>
/// <param name="Logits">(V), filled with the scores behind the last token; <see langword="null"/> where nobody wants them.</param>
internal readonly record struct SequenceStep(ISequenceCache Cache, ReadOnlyMemory<int> Tokens, int SequenceEnd, float[]? Logits);
