using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A DPO transformer inside an ML.NET model file: options and template as JSON, tokenizer files as they were, weights as stored safetensors.</summary>
internal static class DpoTransformerFile
{
    private const string SettingsEntry = "settings.json", PolicyEntry = "policy.safetensors", ReferenceEntry = "reference.safetensors";
    /// <summary>Writes the transformer's entries behind a part's header.</summary>
    public static void Write(
        ModelEntryWriter writer, MiniMindNetwork policy, MiniMindNetwork? reference, HuggingFaceTokenizer tokenizer, ChatTemplate template, ScoringOptions options, TrainingSummary summary)
    {
        writer.WriteJson(SettingsEntry, new DpoTransformerSettings(
            policy.Config, options, template.Source, template.SpecialTokens.ToDictionary(), reference is not null, summary));
        TokenizerEntries.Write(writer, tokenizer);
        writer.WriteStored(PolicyEntry, stream => WriteWeights(stream, policy));
        if (reference is not null) writer.WriteStored(ReferenceEntry, stream => WriteWeights(stream, reference));
    }

    /// <summary>Makes a transformer of a part's entries.</summary>
    public static DpoTransformer Read(ModelEntryReader reader, IHostEnvironment env)
    {
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        (DpoTransformerSettings settings, ChatTemplate template) = reader.ReadJson(
            SettingsEntry, (DpoTransformerSettings read) => (read, ChatTemplate.Parse(read.ChatTemplate, read.SpecialTokens)));
        torch.Device device = Device(env);
        MiniMindNetwork policy = ReadWeights(reader, PolicyEntry, settings.Config, device);
        try
        {
            SharedNetwork? reference = settings.HasReference ? new SharedNetwork(ReadWeights(reader, ReferenceEntry, settings.Config, device)) : null;
            return new DpoTransformer(new SharedNetwork(policy), reference, tokenizer, template, settings.Scoring, settings.Summary);
        }
        catch
        {
            policy.Dispose();
            throw;
        }
    }

    private static void WriteWeights(Stream stream, MiniMindNetwork network) => SafetensorsWriter.Write(
        stream, [.. network.named_parameters().Select(p => KeyValuePair.Create(p.name, (torch.Tensor)p.parameter))], WeightPrecision.Float32);

    private static MiniMindNetwork ReadWeights(ModelEntryReader reader, string entry, ModelConfig config, torch.Device device)
    {
        MiniMindNetwork network = new(config);
        try
        {
            reader.ReadStored(entry, stored => Fill(network, stored, entry));
            if (device.type != DeviceType.CPU) network.to(device);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static bool Fill(MiniMindNetwork network, StoredEntry stored, string entry)
    {
        try
        {
            using ChecksumStream summed = new(stored.Stream);
            using SafetensorsReader weights = SafetensorsReader.Open(summed, stored.Length, entry);
            StateDictLoader.Load(weights, network.named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter), network.Config.TieWordEmbeddings);
            return summed.Checksum == stored.Checksum ? true : throw new InvalidDataException("its checksum is not that of the saved weights");
        }
        catch (WeightFileException failure)
        {
            throw new InvalidDataException(failure.Message);
        }
    }

    private static torch.Device Device(IHostEnvironment env) => env is IHostEnvironmentInternal { GpuDeviceId: { } gpu } settings
        ? ComputeDevice.OnCuda(gpu, settings.FallbackToCpu)
        : torch.CPU;
}
