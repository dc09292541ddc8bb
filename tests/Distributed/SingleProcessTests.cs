using MiniMind.MLNet.Dpo.Training.Distributed;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

public sealed class SingleProcessTests
{
    [Fact]
    public void Collectives_OneProcess_LeaveValuesAsTheyAre()
    {
        using ICommunicator communicator = new SingleProcess();
        using Tensor flat = arange(5, ScalarType.Float32);
        double[] values = [1.5, -2];

        communicator.AllReduceSum(flat);
        communicator.AllReduce(values, ReduceOperation.Max);
        communicator.Broadcast([flat], root: 0);
        communicator.Barrier();

        flat.data<float>().ToArray().Should().Equal(0, 1, 2, 3, 4);
        values.Should().Equal(1.5, -2);
        communicator.AllGather([7, 8]).Should().BeEquivalentTo(new[] { new byte[] { 7, 8 } });
    }

    [Fact]
    public void AllReduceSum_NotFloat32_IsRefused()
    {
        using ICommunicator communicator = new SingleProcess();
        using Tensor half = ones(3, ScalarType.BFloat16);

        Action reduce = () => communicator.AllReduceSum(half);

        reduce.Should().Throw<ArgumentException>().WithMessage("The tensor is BFloat16; gradients are summed in Float32.*");
    }

    [Fact]
    public void AllReduceSum_TransposedView_IsRefused()
    {
        using ICommunicator communicator = new SingleProcess();
        using Tensor flat = zeros(2, 3);
        using Tensor view = flat.t();

        Action reduce = () => communicator.AllReduceSum(view);

        reduce.Should().Throw<ArgumentException>().WithMessage("The tensor has shape [3, 2] and strides [1, 3]; it must be contiguous*");
    }

    [Fact]
    public void Broadcast_RootThatIsNotThere_IsRefused()
    {
        using ICommunicator communicator = new SingleProcess();

        Action broadcast = () => communicator.Broadcast(new byte[1], root: 1);

        broadcast.Should().Throw<ArgumentOutOfRangeException>();
    }

    [SkippableFact]
    public void Join_NoLauncher_IsASingleProcess()
    {
        Skip.If(LaunchEnvironment.Current.Launcher is not null, "the tests themselves run under a launcher");
        using ICommunicator communicator = ProcessGroup.Join();

        communicator.Should().BeOfType<SingleProcess>();
        ProcessGroup.LocalRank.Should().Be(0);
    }

    [Fact]
    public void Address_ViewOfABuffer_IsThatOfItsFirstElement()
    {
        using Tensor flat = zeros(10);
        using Tensor view = flat.narrow(0, 3, 4);

        (TensorBuffer.Address(view) - TensorBuffer.Address(flat)).Should().Be(3 * sizeof(float));
        TensorBuffer.ByteCount(view).Should().Be(4 * sizeof(float));
    }
}
