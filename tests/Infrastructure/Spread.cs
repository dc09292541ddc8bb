using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Weights of usual sizes: those of an untrained model give logits so close to each other that nothing could be told by them.</summary>
internal static class Spread
{
    /// <summary>Gives a model such weights.</summary>
    public static void Weights(PretrainedModel model)
    {
        using IDisposable noGradient = no_grad();
        int seed = 1;
        foreach (Parameter parameter in model.Network.Network.parameters())
        {
            using Generator random = new((ulong)seed++, CPU);
            using Tensor noise = randn(parameter.shape, generator: random);
            using Tensor values = parameter.dim() == 1 ? 1 + (0.3 * noise) : 0.15 * noise;
            parameter.copy_(values);
        }
    }
}
