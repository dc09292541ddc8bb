using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A transformer trained on feedback inside an ML.NET model file, in the same entries as one trained on pairs.</summary>
internal static class KtoTransformerFile
{
    private const string SettingsEntry = "settings.json";

    private static readonly NetworkEntries s_policy = new("policy"), s_reference = new("reference");

    /// <summary>Writes the transformer's entries behind a part's header.</summary>
    public static void Write(
        ModelEntryWriter writer, MiniMindNetwork policy, MiniMindNetwork? reference, HuggingFaceTokenizer tokenizer, ChatTemplate template,
        KtoScoring options, TrainingSummary summary, ModelOrigin origin, bool embedBase)
    {
        SavedNetwork? savedPolicy = NetworkEntries.Describe(policy, embedBase || policy.IsPlain);
        SavedNetwork? savedReference = reference is null ? null : NetworkEntries.Describe(reference, embed: true, policy);
        writer.WriteJson(SettingsEntry, new KtoTransformerSettings(
            policy.Config, options, template.Source, template.SpecialTokens.ToDictionary(), reference is not null, summary, origin.Name, savedPolicy,
                savedReference));
        TokenizerEntries.Write(writer, tokenizer);
        ModelOriginEntries.Write(writer, origin);
        s_policy.Write(writer, policy, savedPolicy);
        if (reference is not null)
            s_reference.Write(writer, reference, savedReference);
    }

    /// <summary>Makes a transformer of a part's entries.</summary>
    /// <exception cref="FormatException">An entry is missing or damaged.</exception>
    public static KtoTransformer Read(ModelEntryReader reader, IHostEnvironment env)
    {
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        (KtoTransformerSettings settings, ChatTemplate template) = reader.ReadJson(
            SettingsEntry, (KtoTransformerSettings read) => (read.Checked(), ChatTemplate.Parse(read.ChatTemplate, read.SpecialTokens)));
        ModelOrigin origin = ModelOriginEntries.Read(reader, settings.ModelName, settings.Config.VocabularySize);
        SharedNetwork policy = s_policy.Read(reader, settings.Policy, settings.Config, env);
        SharedNetwork? reference = null;
        try
        {
            if (settings.HasReference)
                reference = s_reference.Read(reader, settings.Reference, settings.Config, env, policy.Network);
            return new KtoTransformer(policy, reference, tokenizer, template.WithTokens(tokenizer), settings.Scoring, settings.Summary, origin,
                settings.Policy?.BaseSha256 is null);
        }
        catch
        {
            policy.Release();
            reference?.Release();
            throw;
        }
    }
}
