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

    /// <summary>Another model beside this one: the same, as far as they are for its kind of file.</summary>
    public ModelSettings OfOther(string model) => new()
    {
        Model = model, Tokenizer = IsSaved(model) ? null : Tokenizer,
        BaseModel = ModelInput.IsAdapter(model) || (IsSaved(model) && IsSaved(Model)) ? BaseModel : null,
    };

    private static bool IsSaved(string? path) => string.Equals(Path.GetExtension(path), ".zip", StringComparison.OrdinalIgnoreCase);
}
