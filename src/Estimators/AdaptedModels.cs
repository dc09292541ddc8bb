using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Weights.Adapters;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Adapters of networks: put on, taken off, merged, saved.</summary>
internal static class AdaptedModels
{
    /// <summary>The same weights with another adapter.</summary>
    /// <exception cref="ArgumentException">The adapter does not fit.</exception>
    public static SharedNetwork With(SharedNetwork network, LoraAdapter adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        return Derive(network, own => own.WithAdapter(adapter.For(own)));
    }

    /// <summary>The same weights without an adapter.</summary>
    public static SharedNetwork Without(SharedNetwork network) => Derive(network, own => own.WithAdapter(null));

    /// <summary>A network of its own in fp32.</summary>
    public static SharedNetwork Merged(SharedNetwork network) => Derive(network, own => own.Merged());

    /// <summary>A frozen network of its own in a format.</summary>
    public static SharedNetwork InFormat(SharedNetwork network, FrozenFormat format) => Derive(network, own => own.FrozenCopy(format, own.Device));

    /// <summary>The adapter itself.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static LowRankAdapter AdapterOf(MiniMindNetwork network) => network.Adapter ?? throw new InvalidOperationException("The model has no adapter.");

    /// <summary>A copy of the adapter.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static LoraAdapter Extract(MiniMindNetwork network) => new(AdapterOf(network).Clone(torch.CPU));

    /// <summary>Writes the adapter as PEFT reads it.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static void Save(string folder, MiniMindNetwork network, WeightPrecision precision)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        PeftFolder.Write(folder, AdapterOf(network), precision);
    }

    /// <summary>Writes the adapter as MiniMind's scripts read it.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static void SaveMiniMind(string path, MiniMindNetwork network, WeightPrecision precision)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string[] square = [.. network.Linears.Where(linear => linear.Value.Weight.shape[0] == linear.Value.Weight.shape[1]).Select(linear => linear.Key)];
        MiniMindAdapterFile.Write(path, AdapterOf(network), square, precision);
    }

    private static SharedNetwork Derive(SharedNetwork network, Func<MiniMindNetwork, MiniMindNetwork> derive)
    {
        SharedNetwork lease = network.Share(); // keeps it alive, whoever disposes meanwhile
        try
        {
            return new SharedNetwork(derive(lease.Network));
        }
        finally
        {
            lease.Release();
        }
    }

}
