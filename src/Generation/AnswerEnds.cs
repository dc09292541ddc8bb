namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What ends a model's answers.</summary>
/// <param name="Ids">Tokens.</param>
/// <param name="Texts">Texts; none is empty.</param>
internal sealed record AnswerEnds(IReadOnlySet<int> Ids, IReadOnlyList<string> Texts);
