using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>Every collective once; rank 0 prints what all ranks got.</summary>
internal static class CollectiveScenario
{
    // 1.2 MB, more than any library sends eagerly; a prime number, so that no division is even
    private const int Elements = 300_007;

    public static void Run(MpiCommunicator communicator)
    {
        TorchNativeLibrary.EnsureLoaded();
        set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        (string? equal, string? unequal) = Weights(communicator);
        (bool blocksRight, int[] lengths) = Gather(communicator);
        CollectiveReport report = new()
        {
            Rank = communicator.Rank,
            Size = communicator.Size,
            Library = communicator.LibraryVersion,
            SumError = Sum(communicator),
            ViewError = View(communicator),
            ChunksError = Chunks(communicator),
            SumsIdentical = SumsIdentical(communicator),
            CompletedUnattended = CompletedUnattended(communicator),
            LiveTensors = LiveTensors(communicator),
            Doubles = Doubles(communicator),
            Integers = Integers(communicator),
            TensorsArrived = Tensors(communicator),
            BytesArrived = Bytes(communicator),
            BlockLengths = lengths,
            BlocksRight = blocksRight,
            EqualWeights = equal,
            UnequalWeights = unequal,
        };
        byte[][] reports = communicator.AllGather(JsonSerializer.SerializeToUtf8Bytes(report));
        communicator.Barrier();
        if (communicator.Rank == 0)
            Console.WriteLine(JsonSerializer.Serialize(Array.ConvertAll(reports, bytes => JsonSerializer.Deserialize<CollectiveReport>(bytes))));
    }

    // element i of rank r is (r + 1) * (i mod 97): whole numbers, so the sum is exact in float32
    private static Tensor Pattern(double factor) => arange(Elements, ScalarType.Float32).remainder(97).mul_(factor);

    private static double Total(ICommunicator communicator) => communicator.Size * (communicator.Size + 1) / 2.0;

    private static float Sum(ICommunicator communicator)
    {
        Tensor flat = Pattern(communicator.Rank + 1);
        communicator.AllReduceSum(flat);
        return Difference(flat, Pattern(Total(communicator)));
    }

    private static float View(ICommunicator communicator)
    {
        const int edge = 1001;
        Tensor flat = Pattern(communicator.Rank + 1);
        Tensor expected = flat.clone();
        communicator.AllReduceSum(flat.narrow(0, edge, Elements - (2 * edge)));
        expected.narrow(0, edge, Elements - (2 * edge)).copy_(Pattern(Total(communicator)).narrow(0, edge, Elements - (2 * edge)));
        return Difference(flat, expected);
    }

    private static float Chunks(ICommunicator communicator)
    {
        Tensor flat = Pattern(communicator.Rank + 1);
        IPendingCollective[] pending = Array.ConvertAll([.. flat.chunk(7)], communicator.BeginAllReduceSum);
        foreach (IPendingCollective chunk in pending.Reverse())
            chunk.Wait();
        return Difference(flat, Pattern(Total(communicator)));
    }

    private static bool SumsIdentical(ICommunicator communicator)
    {
        Tensor own = randn(Elements, generator: new Generator((ulong)communicator.Rank));
        Tensor first = own.clone(), second = own.clone();
        communicator.AllReduceSum(first);
        communicator.AllReduceSum(second);
        return Error(() => ReplicaCheck.RequireIdentical(communicator, [("sum", first)])) is null && first.equal(second).all().item<bool>();
    }

    private static bool CompletedUnattended(ICommunicator communicator)
    {
        Tensor flat = Pattern(1);
        IPendingCollective pending = communicator.BeginAllReduceSum(flat);
        bool completed = SpinWait.SpinUntil(() => pending.IsCompleted, communicator.Timeout);
        pending.Wait();
        return completed;
    }

    private static long LiveTensors(ICommunicator communicator)
    {
        using Tensor flat = zeros(1000);
        long before = Tensor.TotalCount;
        communicator.AllReduceSum(flat);
        communicator.Broadcast([flat], root: 0);
        return Tensor.TotalCount - before;
    }

    private static float Difference(Tensor actual, Tensor expected) => (actual - expected).abs().max().item<float>();

    private static double[] Doubles(ICommunicator communicator)
    {
        return Array.ConvertAll(Enum.GetValues<ReduceOperation>(), operation =>
        {
            double[] value = [communicator.Rank + 0.5];
            communicator.AllReduce(value, operation);
            return value[0];
        });
    }

    private static long[] Integers(ICommunicator communicator)
    {
        return Array.ConvertAll(Enum.GetValues<ReduceOperation>(), operation =>
        {
            long[] value = [(1L << 40) + communicator.Rank];
            communicator.AllReduce(value, operation);
            return value[0];
        });
    }

    private static bool Tensors(ICommunicator communicator)
    {
        int root = communicator.Size - 1;
        bool sends = communicator.Rank == root;
        using Parameter parameter = new(sends ? Pattern(3) : zeros(Elements), requires_grad: true);
        Tensor half = sends ? Pattern(5).to(ScalarType.BFloat16) : zeros(Elements, ScalarType.BFloat16);
        Tensor steps = sends ? tensor(1234567890123L) : tensor(0L);
        communicator.Broadcast([parameter, half, steps], root);
        return parameter.equal(Pattern(3)).all().item<bool>() && half.equal(Pattern(5).to(ScalarType.BFloat16)).all().item<bool>()
            && steps.item<long>() == 1234567890123L;
    }

    private static bool Bytes(ICommunicator communicator)
    {
        byte[] expected = Block(0, 5000);
        byte[] bytes = communicator.Rank == 0 ? Block(0, 5000) : new byte[5000];
        communicator.Broadcast(bytes, root: 0);
        return bytes.AsSpan().SequenceEqual(expected);
    }

    private static (bool Right, int[] Lengths) Gather(ICommunicator communicator)
    {
        // rank 0 sends nothing, the others more and more
        byte[][] blocks = communicator.AllGather(Block(communicator.Rank, communicator.Rank * 777));
        return (blocks.Select((block, rank) => block.AsSpan().SequenceEqual(Block(rank, rank * 777))).All(right => right),
            Array.ConvertAll(blocks, block => block.Length));
    }

    private static (string? Equal, string? Unequal) Weights(ICommunicator communicator)
    {
        Tensor first = ones(10, 10), second = arange(100, ScalarType.Float32);
        string? equal = Error(() => ReplicaCheck.RequireIdentical(communicator, [("first", first), ("second", second)]));
        if (communicator.Rank == communicator.Size - 1)
            second[50] = 50.5f;
        return (equal, Error(() => ReplicaCheck.RequireIdentical(communicator, [("first", first), ("second", second)])));
    }

    private static string? Error(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }
    }

    private static byte[] Block(int rank, int length)
    {
        byte[] bytes = new byte[length];
        new Random(rank).NextBytes(bytes);
        return bytes;
    }
}
