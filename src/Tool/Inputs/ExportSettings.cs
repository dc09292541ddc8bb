namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>As what a model is written, and where.</summary>
internal sealed record ExportSettings
{
    /// <summary>The file or folder to write.</summary>
    public string? Output { get; init; }

    /// <summary>The kind of file.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>The number format of weights; by default what is usual for the kind of file.</summary>
    public WeightPrecision? Precision { get; init; }

    /// <summary>The number format of a GGUF file's matrices; required for a whole model.</summary>
    public GgufType? Type { get; init; }

    /// <summary>Whose config.json a folder gets; by default Hugging Face's, and MiniMind's for what only that can hold.</summary>
    public ModelLayout? Layout { get; init; }
}
