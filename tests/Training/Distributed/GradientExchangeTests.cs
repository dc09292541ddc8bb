using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class GradientExchangeTests
{
    private const int Layers = 3;

    [Fact]
    public void StageFinished_LayerByLayer_SumsEachPartAsSoonAsItIsComplete()
    {
        float[][] sums = SharedMemory.Run(2, communicator =>
        {
            using MiniMindNetwork network = Network();
            using FlatParameters parameters = Parameters(network);
            using GradientExchange exchange = new(communicator, parameters, name => BackwardStage.Of(name, Layers), smallestPart: 1);
            int[] stageOf = new int[parameters.Gradients.NumberOfElements];
            foreach (ParameterSlice slice in parameters.Slices)
                Array.Fill(stageOf, BackwardStage.Of(slice.Name, Layers), (int)slice.Offset, (int)slice.Length);
            for (int stage = Layers + 1; stage >= 0; stage--)
            {
                // the stages below are still wrong while this one is sent
                using DisposeScope scope = NewDisposeScope();
                float[] before = parameters.Gradients.data<float>().ToArray();
                parameters.Gradients.copy_(
                    tensor(stageOf.Select((other, i) => other > stage ? before[i] : other == stage ? communicator.Rank + 1f : -100f).ToArray()));
                exchange.StageFinished!(stage);
            }
            exchange.Complete();
            float[] after = parameters.Gradients.data<float>().ToArray();
            return parameters.Slices.SelectMany(slice => after[(int)slice.Offset..(int)(slice.Offset + slice.Length)]).ToArray();
        });

        sums.Should().AllSatisfy(sum => sum.Should().OnlyContain(value => value == 3));
    }

    [Fact]
    public void Complete_WithoutABackwardPass_TakesPartInEverySum()
    {
        // rank 1 has no examples in this step
        bool[] right = SharedMemory.Run(2, communicator =>
        {
            using MiniMindNetwork network = Network();
            using FlatParameters parameters = Parameters(network);
            using GradientExchange exchange = new(communicator, parameters, name => BackwardStage.Of(name, Layers), smallestPart: 1);
            for (int step = 0; step < 2; step++)
            {
                parameters.ZeroGradients();
                for (int stage = Layers + 1; stage >= 0 && communicator.Rank == 0; stage--)
                {
                    parameters.Gradients.fill_(5);
                    exchange.StageFinished!(stage);
                }
                exchange.Complete();
            }
            return parameters.Gradients.eq(5).all().item<bool>();
        });

        right.Should().Equal(true, true);
    }

    [Fact]
    public void StageFinished_OnePart_IsNotAskedFor()
    {
        using MiniMindNetwork network = Network();
        using FlatParameters parameters = Parameters(network);
        using SingleProcess communicator = new();
        using GradientExchange exchange = new(communicator, parameters, name => BackwardStage.Of(name, Layers), smallestPart: long.MaxValue);

        exchange.StageFinished.Should().BeNull();
    }

    private static MiniMindNetwork Network() =>
        new(new ModelConfig { VocabularySize = 16, HiddenSize = 8, LayerCount = Layers, HeadCount = 2, KeyValueHeadCount = 1 });

    private static FlatParameters Parameters(MiniMindNetwork network) => new(network.named_parameters().Select(p => (p.name, p.parameter)));
}
