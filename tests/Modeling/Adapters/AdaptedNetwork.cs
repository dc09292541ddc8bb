using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling.Adapters;

/// <summary>Small networks with adapters, and a packed batch for them.</summary>
internal static class AdaptedNetwork
{
    public static readonly ModelConfig Small = new() { VocabularySize = 97, HiddenSize = 64, LayerCount = 3, HeadCount = 4, KeyValueHeadCount = 2 };

    public static readonly ModelConfig Experts = Small with { Experts = new ExpertsConfig { Count = 3, PerToken = 2, IntermediateSize = 48 } };

    /// <summary>A network whose norms are not all ones.</summary>
    public static MiniMindNetwork Base(ModelConfig? config = null, int seed = 1)
    {
        MiniMindNetwork network = new(config ?? Small);
        using Generator random = new((ulong)seed);
        network.Initialize(random, 0.1);
        using IDisposable noGradient = no_grad();
        foreach (TorchSharp.Modules.Parameter norm in network.parameters().Where(p => p.dim() == 1))
            norm.add_(randn(norm.shape, generator: random).mul_(0.1));
        return network;
    }

    /// <summary>The network with an adapter whose B is zero.</summary>
    public static MiniMindNetwork Fresh(MiniMindNetwork network, LoraOptions options)
    {
        using Generator random = new(7);
        return network.WithAdapter(LowRankAdapter.Create(network, options.Config("base"), options.Modules(network), random));
    }

    /// <summary>The network with an adapter that changes what it computes.</summary>
    public static MiniMindNetwork Trained(MiniMindNetwork network, LoraOptions options, int seed = 9)
    {
        MiniMindNetwork adapted = Fresh(network, options);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Generator random = new((ulong)seed);
        foreach ((string name,
            TorchSharp.Modules.Parameter parameter) in adapted.Adapter!.Parameters.Where(p => !p.Name.EndsWith(LowRankAdapter.SuffixA,
                StringComparison.Ordinal)))
        {
            if (name.EndsWith(LowRankAdapter.SuffixB, StringComparison.Ordinal))
                parameter.copy_(randn(parameter.shape, generator: random).mul_(0.05));
            else
                parameter.mul_(randn(parameter.shape, generator: random).mul_(0.1).add_(1));
        }
        return adapted;
    }

    public static Tensor Ids(ModelConfig config)
    {
        using Generator random = new(4);
        return randint(config.VocabularySize, [150], ScalarType.Int64, generator: random);
    }

    /// <summary>A pair with a shared prefix, one without, and a single row.</summary>
    public static PackedLayout Layout(ScalarType type = ScalarType.Float32) =>
        new([40, 31, 25, 33, 20, 1], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1), new(-1, 4, 1), new(-1, 5, 1)], type, CPU);

    public static Tensor Hidden(MiniMindNetwork network, ComputeMode mode)
    {
        using IDisposable noGradient = no_grad();
        return network.Forward(Ids(network.Config), Layout(mode.Type), mode: mode).Hidden;
    }

    /// <summary>Gradients of one backward pass from a given random gradient of the hidden states, by name.</summary>
    public static Dictionary<string, Tensor> Gradients(MiniMindNetwork network, ComputeMode mode, bool recompute = false)
    {
        LayeredPass pass = new(network, Ids(network.Config), Layout(mode.Type), mode, null, recompute);
        using Generator random = new(2);
        pass.Backward(randn(pass.Hidden.shape, generator: random).to(mode.Type), 0.7);
        return network.TrainedParameters.Where(p => p.Parameter.grad is not null).ToDictionary(p => p.Name, p => p.Parameter.grad!.clone());
    }

    public static bool Same(Tensor left, Tensor right) => left.equal(right).all().item<bool>();
}
