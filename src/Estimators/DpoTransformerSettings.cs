using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The JSON part of a saved DPO transformer.</summary>
internal sealed record DpoTransformerSettings(
    ModelConfig Config, ScoringOptions Scoring, string ChatTemplate, Dictionary<string, string> SpecialTokens, bool HasReference, TrainingSummary Summary,
    string? ModelName = null, SavedNetwork? Policy = null, SavedNetwork? Reference = null)
{
    /// <summary>Itself, if its numbers can be those of a trained transformer.</summary>
    public DpoTransformerSettings Checked()
    {
        Config.Validate();
        Scoring.Validate();
        return this;
    }
}
