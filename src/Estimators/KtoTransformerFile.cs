using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A transformer trained on feedback inside an ML.NET model file, in the same entries as one trained on pairs.</summary>
internal static class KtoTransformerFile
{
    private const string SettingsEntry = "settings.json", PolicyEntry = "policy.safetensors", ReferenceEntry = "reference.safetensors";

    /// <summary>Writes the transformer's entries behind a part's header.</summary>
    public static void Write(
        ModelEntryWriter writer, MiniMindNetwork policy, MiniMindNetwork? reference, HuggingFaceTokenizer tokenizer, ChatTemplate template,
        KtoScoring options, TrainingSummary summary, ModelOrigin origin)
    {
        writer.WriteJson(SettingsEntry, new KtoTransformerSettings(
            policy.Config, options, template.Source, template.SpecialTokens.ToDictionary(), reference is not null, summary, origin.Name));
        TokenizerEntries.Write(writer, tokenizer);
        ModelOriginEntries.Write(writer, origin);
        NetworkEntry.Write(writer, PolicyEntry, policy);
        if (reference is not null)
            NetworkEntry.Write(writer, ReferenceEntry, reference);
    }

    /// <summary>Makes a transformer of a part's entries.</summary>
    /// <exception cref="FormatException">An entry is missing or damaged.</exception>
    public static KtoTransformer Read(ModelEntryReader reader, IHostEnvironment env)
    {
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        (KtoTransformerSettings settings, ChatTemplate template) = reader.ReadJson(
            SettingsEntry, (KtoTransformerSettings read) => (read.Checked(), ChatTemplate.Parse(read.ChatTemplate, read.SpecialTokens)));
        ModelOrigin origin = ModelOriginEntries.Read(reader, settings.ModelName, settings.Config.VocabularySize);
        SharedNetwork policy = NetworkEntry.Read(reader, PolicyEntry, settings.Config, env);
        SharedNetwork? reference = null;
        try
        {
            if (settings.HasReference)
                reference = NetworkEntry.Read(reader, ReferenceEntry, settings.Config, env);
            return new KtoTransformer(policy, reference, tokenizer, template.WithTokens(tokenizer), settings.Scoring, settings.Summary, origin);
        }
        catch
        {
            policy.Release();
            reference?.Release();
            throw;
        }
    }
}
