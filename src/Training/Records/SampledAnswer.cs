namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Greedy answers to a prompt.</summary>
/// <param name="Prompt">The prompt as the model sees it, control tokens spelled out.</param>
/// <param name="Reference">The reference's answer; <see langword="null"/> without reference, and where its weights give none.</param>
/// <param name="Policy">The answer of what is trained; empty where its weights give none.</param>
/// <param name="PolicyTokens">Its tokens, the one that ends it included.</param>
/// <param name="PolicyEnded">Whether it ended by itself, and not at the most tokens.</param>
internal sealed record SampledAnswer(string Prompt, string? Reference, string Policy, int PolicyTokens, bool PolicyEnded);
