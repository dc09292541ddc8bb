using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The JSON part of a saved transformer that was trained on feedback.</summary>
internal sealed record KtoTransformerSettings(
    ModelConfig Config, KtoScoring Scoring, string ChatTemplate, Dictionary<string, string> SpecialTokens, bool HasReference, TrainingSummary Summary,
    string? ModelName, SavedNetwork? Policy = null, SavedNetwork? Reference = null)
{
    /// <summary>Itself, if its numbers can be those of a trained transformer.</summary>
    public KtoTransformerSettings Checked()
    {
        Config.Validate();
        Scoring.Validate();
        return this;
    }
}
