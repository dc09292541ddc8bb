namespace MiniMind.MLNet.Dpo.FunctionProbe;

/// <summary>What is to be tried.</summary>
/// <param name="TokenizerFolder">A model's folder.</param>
/// <param name="TokenizerConfig">A file whose template is taken; <see langword="null"/> for the tests' own.</param>
/// <param name="Answers">What the model writes, one text for each request.</param>
/// <param name="IsStreamed">Whether the answer is read as a stream.</param>
/// <param name="AllowMultipleToolCalls">The option of this name.</param>
/// <param name="MostRounds">After so many rounds of calls there are no further ones.</param>
internal sealed record Question(
    string TokenizerFolder, string? TokenizerConfig, string[] Answers, bool IsStreamed, bool? AllowMultipleToolCalls, int MostRounds);
