using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A DPO transformer inside an ML.NET model file: options and template as JSON, tokenizer files as they were, weights as stored safetensors.</summary>
internal static class DpoTransformerFile
{
    private const string SettingsEntry = "settings.json", PolicyEntry = "policy.safetensors", ReferenceEntry = "reference.safetensors";

    /// <summary>Writes the transformer's entries behind a part's header.</summary>
    public static void Write(
        ModelEntryWriter writer, MiniMindNetwork policy, MiniMindNetwork? reference, HuggingFaceTokenizer tokenizer, ChatTemplate template,
        ScoringOptions options, TrainingSummary summary, ModelOrigin origin)
    {
        writer.WriteJson(SettingsEntry, new DpoTransformerSettings(
            policy.Config, options, template.Source, template.SpecialTokens.ToDictionary(), reference is not null, summary, origin.Name));
        TokenizerEntries.Write(writer, tokenizer);
        ModelOriginEntries.Write(writer, origin);
        NetworkEntry.Write(writer, PolicyEntry, policy);
        if (reference is not null)
            NetworkEntry.Write(writer, ReferenceEntry, reference);
    }

    /// <summary>Makes a transformer of a part's entries.</summary>
    /// <exception cref="FormatException">An entry is missing or damaged.</exception>
    public static DpoTransformer Read(ModelEntryReader reader, IHostEnvironment env)
    {
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        (DpoTransformerSettings settings, ChatTemplate template) = reader.ReadJson(
            SettingsEntry, (DpoTransformerSettings read) => (read.Checked(), ChatTemplate.Parse(read.ChatTemplate, read.SpecialTokens)));
        ModelOrigin origin = ModelOriginEntries.Read(reader, settings.ModelName, settings.Config.VocabularySize);
        SharedNetwork policy = NetworkEntry.Read(reader, PolicyEntry, settings.Config, env);
        SharedNetwork? reference = null;
        try
        {
            if (settings.HasReference)
                reference = NetworkEntry.Read(reader, ReferenceEntry, settings.Config, env);
            return new DpoTransformer(policy, reference, tokenizer, template.WithTokens(tokenizer), settings.Scoring, settings.Summary, origin);
        }
        catch
        {
            policy.Release();
            reference?.Release();
            throw;
        }
    }
}
