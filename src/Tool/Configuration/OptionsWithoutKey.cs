using MiniMind.MLNet.Dpo.AspNetCore;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>The options that no file can hold, each with the reason.</summary>
internal static class OptionsWithoutKey
{
    /// <summary>By the declaring type and the option's name.</summary>
    public static IReadOnlyDictionary<(Type Type, string Option), string> Reasons { get; } = new Dictionary<(Type, string), string>
    {
        [(typeof(TrainingOptions), nameof(TrainingOptions.Model))] = "a model in memory: the key 'model' says where it lies",
        [(typeof(DpoTrainer.Options), nameof(DpoTrainer.Options.ReferenceModel))] = "a model in memory: the key 'reference-model' says where it lies",
        [(typeof(KtoTrainer.Options), nameof(KtoTrainer.Options.ReferenceModel))] = "the same",
        [(typeof(ValidationOptions), nameof(ValidationOptions.Data))] = "data in memory: the keys 'held-out' and 'test-fraction' say which",
        [(typeof(TrainingOptions), nameof(TrainingOptions.MaxLength))] = "it must be that of the preparation: 'preparation.max-length' is both",
        [(typeof(TrainingOptions), nameof(TrainingOptions.CancellationToken))] = "Ctrl-C and SIGTERM",
        [(typeof(TrainingOptions), nameof(TrainingOptions.StopToken))] = "the same",
        [(typeof(TrainingOptions), nameof(TrainingOptions.Progress))] = "a callback: the tool shows it",
        [(typeof(TrainingOptions), nameof(TrainingOptions.Forecast))] = "the same",
        [(typeof(TrainingOptions), nameof(TrainingOptions.Logger))] = "the same",
        [(typeof(TrainingOptions), nameof(TrainingOptions.ConsoleWarnings))] = "the tool shows warnings itself",
        [(typeof(TrainingOptions), nameof(TrainingOptions.Communicator))] = "a connection between processes that only a program can make",
        [(typeof(GenerationOptions), nameof(GenerationOptions.TopLogProbs))] = "requests of 'dpo serve' ask for it themselves, and a chat shows none",
        [(typeof(GenerationOptions), nameof(GenerationOptions.WithoutTemplate))] =
            "a conversation has its template; 'dpo serve' continues texts at /v1/completions",
        [(typeof(ChatEndpointOptions), nameof(ChatEndpointOptions.ApiKeys))] = "a secret: --api-key, or the variable DPO_API_KEY",
        [(typeof(WinRateOptions), nameof(WinRateOptions.Progress))] = "a callback: the tool shows it",
        [(typeof(ChatTemplateOptions), nameof(ChatTemplateOptions.TimeProvider))] = "a clock",
    };

    /// <summary>Whether an option is one of them.</summary>
    public static bool Has(System.Reflection.PropertyInfo property) => Reasons.ContainsKey((property.DeclaringType!, property.Name));
}
