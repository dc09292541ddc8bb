using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

public sealed class RotaryEmbeddingTests
{
    [Fact]
    public void Rotate_AModelsAngles_IsWhatTheKernelRotates()
    {
        using DisposeScope scope = NewDisposeScope();
        ModelConfig config = new() { VocabularySize = 8, HiddenSize = 96, LayerCount = 1, HeadCount = 4, KeyValueHeadCount = 4 };
        using RotaryEmbedding embedding = new(config);
        (Tensor cosines, Tensor signedSines) = embedding.At(arange(7), 7);
        using Generator random = new(1);
        Tensor raw = randn([7, 96], generator: random);

        Tensor rotated = RotaryKernel.Forward(raw, null, cosines, signedSines);

        rotated.ShouldBeCloseTo(RotaryEmbedding.Rotate(raw.view(7, 4, 24), cosines, signedSines).view(7, 96), 1e-6,
            "both take two products and a sum, in another order");
    }
}
