using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The JSON part of a saved fine-tuned model.</summary>
internal sealed record SftTransformerSettings(ModelConfig Config, string ChatTemplate, Dictionary<string, string> SpecialTokens, TrainingSummary Summary);
