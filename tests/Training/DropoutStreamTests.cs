using MiniMind.MLNet.Dpo.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Watches the process's default generator, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(DropoutStreamTests), DisableParallelization = true)]
[Collection(nameof(DropoutStreamTests))]
public sealed class DropoutStreamTests
{
    [Fact]
    public void Begin_SameSeedAndStep_DrawsTheSameWhateverWasDrawnBefore()
    {
        DropoutStream stream = new(42);
        float[] first = Draw(stream, 7);
        Draw(stream, 8);
        using (rand(100))
            Draw(stream, 7).Should().Equal(first);
        Draw(new DropoutStream(42), 7).Should().Equal(first);
    }

    [Fact]
    public void Begin_OtherSeedOrStep_DrawsOthers()
    {
        float[][] streams = [.. from seed in Enumerable.Range(0, 4) from step in Enumerable.Range(0, 4) select Draw(new DropoutStream(seed), step)];

        streams.Select(numbers => numbers[0]).Should().OnlyHaveUniqueItems();
        streams.Average(numbers => (double)numbers.Average()).Should()
            .BeApproximately(0.5, 0.02, "3,200 uniform numbers have a mean within four standard deviations (0.005)");
    }

    [Fact]
    public void Begin_Ended_LeavesTheCallersRandomNumbersAsTheyWere()
    {
        float[] Numbers(bool interrupted)
        {
            using DisposeScope scope = NewDisposeScope();
            manual_seed(5);
            float[] before = rand(10).data<float>().ToArray();
            if (interrupted)
                Draw(new DropoutStream(1), 1);
            return [.. before, .. rand(10).data<float>()];
        }

        Numbers(interrupted: true).Should().Equal(Numbers(interrupted: false));
    }

    private static float[] Draw(DropoutStream stream, long step)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable drawing = stream.Begin(step);
        return rand(200).data<float>().ToArray();
    }
}
