using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

public sealed class ReplicaCheckTests
{
    [Fact]
    public void RequireIdentical_OneElementDiffers_EveryRankNamesTensorAndRanks()
    {
        string?[] errors = Check(3, rank => [("embed", ones(4, 4)), ("head", tensor(new[] { 1f, 2f, rank == 2 ? 3.0000002f : 3f }))]);

        errors.Should().AllSatisfy(error => error.Should()
            .Match("The ranks hold different weights: 'head' (tensor 2 of 2) has SHA-256 * on rank 0 and * on rank 2.*"));
    }

    [Fact]
    public void RequireIdentical_OneRankHasMoreTensors_SaysHowMany()
    {
        string?[] errors = Check(2, rank => rank == 0 ? [("embed", ones(4))] : [("embed", ones(4)), ("head", ones(4))]);

        errors.Should().AllSatisfy(error => error.Should().StartWith("The ranks hold different models: rank 0 has 1 tensors, rank 1 has 2."));
    }

    [Fact]
    public void RequireIdentical_SameWeights_Passes() =>
        Check(4, _ => [("embed", arange(12, ScalarType.Float32).reshape(3, 4).t()), ("head", ones(3, ScalarType.BFloat16))]).Should()
            .AllSatisfy(error => error.Should().BeNull());

    [Fact]
    public void Hash_TransposedView_IsThatOfItsElementsInOrder()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor view = arange(6, ScalarType.Float32).reshape(2, 3).t();

        ReplicaCheck.Hash("w", view).Should().Equal(ReplicaCheck.Hash("w", view.contiguous()));
        ReplicaCheck.Hash("w", view).Should().NotEqual(ReplicaCheck.Hash("w", view.reshape(2, 3)), "the shape counts");
        ReplicaCheck.Hash("w", view).Should().NotEqual(ReplicaCheck.Hash("v", view), "the name counts");
    }

    private static string?[] Check(int ranks, Func<int, (string Name, Tensor Value)[]> weights) => SharedMemory.Run(ranks, communicator =>
    {
        using DisposeScope scope = NewDisposeScope();
        try
        {
            ReplicaCheck.RequireIdentical(communicator, weights(communicator.Rank));
            return null;
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }
    });
}
