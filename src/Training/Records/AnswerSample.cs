namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The answers of one evaluation: a line of <c>answers.jsonl</c>.</summary>
/// <param name="Step">The finished steps.</param>
/// <param name="Seconds">How long the policy took to answer.</param>
/// <param name="ReferenceSeconds">How long the reference took; <see langword="null"/> where it did not answer anew.</param>
/// <param name="Answers">One for each prompt, in the same order every time.</param>
internal sealed record AnswerSample(long Step, double Seconds, double? ReferenceSeconds, IReadOnlyList<SampledAnswer> Answers);
