namespace MiniMind.MLNet.Dpo;

/// <summary>What a saved GGUF file has besides weights and tokenizer.</summary>
public sealed class GgufOptions
{
    /// <summary>Whether an Ollama <c>Modelfile</c> is written beside the file, for <c>ollama create</c>. An old one is replaced.</summary>
    public bool WriteModelfile { get; init; }

    /// <summary>What the file calls the model (<c>general.name</c>); <see langword="null"/> for the model's own name.</summary>
    public string? Name { get; init; }

    internal void Validate()
    {
        if (Name is { } name && string.IsNullOrWhiteSpace(name))
            throw new ArgumentException($"{nameof(Name)} is empty; leave it null for the model's own name.");
    }
}
