using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A fine-tuned model inside an ML.NET model file, in the same entries as a DPO transformer.</summary>
internal static class SftTransformerFile
{
    private const string SettingsEntry = "settings.json";

    private static readonly NetworkEntries s_model = new("model");

    /// <summary>Writes the transformer's entries behind a part's header.</summary>
    public static void Write(ModelEntryWriter writer, PretrainedModel model, TrainingSummary summary, bool embedBase)
    {
        MiniMindNetwork network = model.Network.Network;
        SavedNetwork? saved = NetworkEntries.Describe(network, embedBase || network.IsPlain);
        writer.WriteJson(SettingsEntry, new SftTransformerSettings(
            model.Config, model.ChatTemplate.Source, model.ChatTemplate.SpecialTokens.ToDictionary(), summary, model.Name, saved));
        TokenizerEntries.Write(writer, model.Tokenizer);
        ModelOriginEntries.Write(writer, model.Origin);
        s_model.Write(writer, network, saved);
    }

    /// <summary>Makes a transformer of a part's entries.</summary>
    /// <exception cref="FormatException">An entry is missing or damaged.</exception>
    public static SftTransformer Read(ModelEntryReader reader, IHostEnvironment env)
    {
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        (SftTransformerSettings settings, ChatTemplate template) = reader.ReadJson(
            SettingsEntry, (SftTransformerSettings read) => (read.Checked(), ChatTemplate.Parse(read.ChatTemplate, read.SpecialTokens)));
        ModelOrigin origin = ModelOriginEntries.Read(reader, settings.ModelName, settings.Config.VocabularySize);
        SharedNetwork network = s_model.Read(reader, settings.Model, settings.Config, env);
        return new SftTransformer(new PretrainedModel(network, tokenizer, template.WithTokens(tokenizer), origin), settings.Summary,
            settings.Model?.BaseSha256 is null);
    }
}
