namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>Which model.</summary>
internal sealed record ModelSettings
{
    /// <summary>The model: a folder with its tokenizer, an ML.NET file (.zip), a checkpoint (.pth, .safetensors) or an adapter's folder.</summary>
    public string? Model { get; init; }

    /// <summary>The folder with tokenizer.json of a checkpoint that lies elsewhere.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The model that an adapter belongs to, where its own file names none that is there.</summary>
    public string? BaseModel { get; init; }
}
