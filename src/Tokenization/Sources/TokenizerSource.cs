namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>The files that describe a tokenizer; where it came in other files, the tokenizer.json that says the same.</summary>
/// <param name="TokenizerJson">The bytes of tokenizer.json.</param>
/// <param name="TokenizerConfigJson">The bytes of tokenizer_config.json; empty where there is none.</param>
/// <param name="Files">The other files' names; <see langword="null"/> where it came as tokenizer.json.</param>
/// <param name="Notes">How they were understood, a sentence each.</param>
internal sealed record TokenizerSource(
    ReadOnlyMemory<byte> TokenizerJson, ReadOnlyMemory<byte> TokenizerConfigJson, string? Files, IReadOnlyList<string> Notes);
