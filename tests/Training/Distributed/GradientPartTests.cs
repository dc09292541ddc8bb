using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class GradientPartTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(1L << 40)]
    public void Cut_NetworkParameters_CoversTheBufferInTheOrderOfTheBackwardPass(long smallest)
    {
        using MiniMindNetwork network = new(new ModelConfig { VocabularySize = 512, HiddenSize = 64, LayerCount = 4, TieWordEmbeddings = false });
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        long end = parameters.Gradients.NumberOfElements;

        IReadOnlyList<GradientPart> parts = GradientPart.Cut(parameters.Slices, end, name => BackwardStage.Of(name, 4), smallest);

        parts.Select(part => part.Stage).Should().BeInDescendingOrder().And.OnlyHaveUniqueItems();
        parts[^1].Stage.Should().Be(BackwardStage.Embedding);
        parts.SkipLast(1).Should().NotContain(part => part.Length < smallest);
        long covered = 0;
        foreach (GradientPart part in parts.OrderBy(part => part.Start))
        {
            part.Start.Should().Be(covered);
            covered += part.Length;
        }
        covered.Should().Be(end);
        foreach (ParameterSlice slice in parameters.Slices)
        {
            parts.Single(part => part.Start <= slice.Offset && slice.Offset < part.Start + part.Length).Stage.Should()
                .BeLessThanOrEqualTo(BackwardStage.Of(slice.Name, 4));
        }

        parts.Count.Should().Be(smallest == 1 ? 6 : smallest > end ? 1 : parts.Count);
    }
}
