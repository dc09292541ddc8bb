using System.Globalization;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What of a model is trained, by its options: all of it, its upper layers, or an adapter; and what it is compared with.</summary>
/// <param name="Policy">The network that is trained; it shares the memory of what is frozen in it.</param>
/// <param name="Reference">What it is compared with, where that is asked for.</param>
internal sealed record TrainedPart(MiniMindNetwork Policy, SharedNetwork? Reference)
{
    private const double Mebibyte = 1 << 20;

    /// <summary>What is wrong with the options for the model.</summary>
    public static IEnumerable<string> Faults(TrainingOptions options)
    {
        if (options.FreezeLayers < 0)
            yield return $"{nameof(options.FreezeLayers)} is {options.FreezeLayers}; it must be 0 or more";
        if (options.FreezeLayers > 0 && options.Adapter is not null)
        {
            yield return $"{nameof(options.FreezeLayers)} is {options.FreezeLayers}, but with {nameof(options.Adapter)} none of the model's own weights " +
                $"are trained; {nameof(LoraOptions)}.{nameof(LoraOptions.Layers)} says which layers get an adapter";
        }

        if (options.Model is not { } model)
            yield break;
        if (options.FreezeLayers >= model.Config.LayerCount)
        {
            yield return $"{nameof(options.FreezeLayers)} is {options.FreezeLayers}, and the model has {model.Config.LayerCount} decoder layers; at least " +
                $"one must be trained";
        }

        foreach (string fault in options.Adapter?.Faults(model.Config) ?? [])
            yield return $"{nameof(options.Adapter)}: {fault}";
        MiniMindNetwork network = model.Network.Network;
        bool continues = options.Adapter is { ContinuesExisting: true };
        if (continues && network.Adapter is null)
            yield return $"{nameof(options.Adapter)} is {nameof(LoraOptions)}.{nameof(LoraOptions.Continue)}, but {nameof(options.Model)} has no adapter";
        if (!continues && network.Adapter is not null)
        {
            yield return $"{nameof(options.Model)} has an adapter: set {nameof(options.Adapter)} to {nameof(LoraOptions)}.{nameof(LoraOptions.Continue)} " +
                $"to go on training it, or train what {nameof(PretrainedModel)}.{nameof(PretrainedModel.MergeAdapter)} gives";
        }

        if (options.Adapter is null && network.Format != FrozenFormat.Float32)
            yield return $"{nameof(options.Model)} keeps its weights in {network.Format}, which steps cannot change; set {nameof(options.Adapter)}";
        double dropout = continues ? network.Adapter?.Config.Dropout ?? 0 : options.Adapter?.Dropout ?? 0;
        if (options.GradientCheckpointing && dropout > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(options.GradientCheckpointing)} cannot be had with an adapter that drops {dropout:P0} of its inputs, since a layer that runs " +
                    $"again would drop others");
        }
    }

    /// <summary>Makes the networks.</summary>
    /// <param name="options">What is trained.</param>
    /// <param name="compute">Where.</param>
    /// <param name="hasReference">Whether there is a reference.</param>
    /// <param name="referenceModel">The reference, where it is another model; by default it is the model as it is now.</param>
    /// <param name="referenceStays">Whether nothing changes the reference's weights, so that they may be another network's too.</param>
    public static TrainedPart Create(TrainingOptions options, ComputeSettings compute, bool hasReference = false, PretrainedModel? referenceModel = null,
        bool referenceStays = true)
    {
        SharedNetwork model = options.Model.Network;
        bool whole = options.Adapter is null && options.FreezeLayers == 0;
        SharedNetwork? start = null, reference = null;
        try
        {
            if (!whole || hasReference && referenceModel is null)
                start = OnDevice(model, compute.Device, options.Adapter?.BaseFormat ?? FrozenFormat.Float32);
            if (hasReference)
            {
                reference = !referenceStays ? new SharedNetwork((referenceModel?.Network ?? start!).Network.Clone(compute.Device))
                    : referenceModel is null ? start!.Share() : OnDevice(referenceModel.Network, compute.Device, FrozenFormat.Float32);
            }

            return new TrainedPart(whole ? model.Network.Clone(compute.Device) : Derive(start!.Network, options), reference);
        }
        catch
        {
            reference?.Release();
            throw;
        }
        finally
        {
            start?.Release();
        }
    }

    /// <summary>Tells what is trained where that is not all, and how far another format of the frozen weights moves log-probabilities.</summary>
    /// <param name="options">What is trained.</param>
    /// <param name="policy">The network that is trained, before its first step.</param>
    /// <param name="communicator">Rank 0 tells.</param>
    /// <param name="channel">ML.NET's log.</param>
    /// <param name="rows">Lays out some examples.</param>
    public static void Announce(TrainingOptions options, MiniMindNetwork policy, ICommunicator communicator, IChannel channel, Func<BatchRows> rows)
    {
        if (communicator.Rank != 0 || options.Adapter is null && options.FreezeLayers == 0)
            return;
        channel.Info(MessageSensitivity.None, "{0} of {1} parameters are trained; the others are {2:F1} MiB in {3}, for policy and reference together",
            policy.TrainedParameters.Sum(p => p.Parameter.numel()), options.Model.ParameterCount, FrozenBytes.Of(policy, null) / Mebibyte, policy.Format);
        if (policy.Format != options.Model.Network.Network.Format)
            channel.Info(MessageSensitivity.None, "{0}", FormatShift.Measure(options.Model.Network.Network, policy, rows()));
    }

    /// <summary>What ranks must have alike besides what is trained, which they compare by itself.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Inputs(TrainingOptions options) =>
        options.Adapter is null && options.FreezeLayers == 0 ? [] : [new("Model", Fingerprint.Named(options.Model.Network.Network))];

    private static SharedNetwork OnDevice(SharedNetwork network, torch.Device device, FrozenFormat format)
    {
        if (format != FrozenFormat.Float32)
            return new SharedNetwork(network.Network.FrozenCopy(format, device));
        return device.type == DeviceType.CPU ? network.Share() : new SharedNetwork(network.Network.Clone(device));
    }

    private static MiniMindNetwork Derive(MiniMindNetwork start, TrainingOptions options)
    {
        if (options.Adapter is not { } adapter)
            return start.WithTrained(name => BackwardStage.Of(name, start.Config.LayerCount) > options.FreezeLayers);
        if (adapter.ContinuesExisting)
            return start.WithAdapter(start.Adapter!.Clone(start.Device, trained: true));
        using torch.Generator random = new((ulong)options.Seed, torch.CPU);
        return start.WithAdapter(LowRankAdapter.Create(start, adapter.Config(options.Model.Name), adapter.Modules(start), random));
    }
}
