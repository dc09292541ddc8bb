using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The JSON part of a saved fine-tuned model.</summary>
internal sealed record SftTransformerSettings(
    ModelConfig Config, string ChatTemplate, Dictionary<string, string> SpecialTokens, TrainingSummary Summary, string? ModelName = null,
    SavedNetwork? Model = null)
{
    /// <summary>Itself, if its numbers can be those of a trained model.</summary>
    public SftTransformerSettings Checked()
    {
        Config.Validate();
        return this;
    }
}
