using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.CpuKernels.Decoding;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Generation.Decoding;

/// <summary>When weights are packed, who shares them, and when they go.</summary>
[Collection(nameof(PackedNetworksTests))]
[CollectionDefinition(nameof(PackedNetworksTests), DisableParallelization = true)] // the process's memory is counted
public sealed class PackedNetworksTests
{
    private static readonly int[] s_ids = [5, 900, 17, 33];

    [Fact]
    public void Take_OfTheSameNetworkAndFormat_IsOneUntilTheLastGoes()
    {
        using MiniMindNetwork network = SmallNetwork();
        PackedShare first = PackedNetworks.Take(network, null), second = PackedNetworks.Take(network, FrozenFormat.Float32);
        using PackedShare narrow = PackedNetworks.Take(network, FrozenFormat.Int8);

        second.Network.Should().BeSameAs(first.Network, "the network is kept in fp32");
        narrow.Network.Should().NotBeSameAs(first.Network);
        first.Dispose();
        first.Dispose();
        Logits(second.Network, network).Should().OnlyContain(logit => float.IsFinite(logit));
        PackedNetwork gone = second.Network;
        second.Dispose();
        FluentActions.Invoking(() => Logits(gone, network)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Take_AfterTheWeightsChanged_IsPackedAnew()
    {
        using MiniMindNetwork network = SmallNetwork();
        float[] Now()
        {
            using PackedShare share = PackedNetworks.Take(network, null);
            return Logits(share.Network, network);
        }
        float[] before = Now();
        using (torch.no_grad())
        {
            foreach (TorchSharp.Modules.Parameter parameter in network.parameters())
                parameter.mul_(0.9);
        }

        float[] after = Now();

        using GenerationSession libtorch = new(network);
        after.Should().NotEqual(before);
        after.Zip(libtorch.Next(s_ids, default), (one, other) => Math.Abs(one - other)).Max().Should().BeLessThan(1e-4f, "nothing is left of the old ones");
    }

    [Fact]
    public async Task Clients_OfOneModel_TakeTheWeightsOnceAndGiveThemBack()
    {
        using PretrainedModel model = SmallModel.Create();
        await Answer(model.AsChatClient(Short)); // what is made once
        long before = NativeBuffer.TotalBytes, weights;
        using (PackedNetworks.Take(model.Network.Network, null))
            weights = NativeBuffer.TotalBytes - before;

        IChatClient one = model.AsChatClient(Short), other = model.AsChatClient(Short);
        (NativeBuffer.TotalBytes - before).Should().Be(0, "nothing was asked yet");
        await one.GetResponseAsync("Hello?");
        long single = NativeBuffer.TotalBytes - before;
        await other.GetResponseAsync("Hello?");
        long both = NativeBuffer.TotalBytes - before;

        (single - (both - single)).Should().Be(weights, "the second one has rows and a cache of its own alone");
        one.Dispose();
        (NativeBuffer.TotalBytes - before).Should().Be(single, "the other one needs the weights still");
        other.Dispose();
        NativeBuffer.TotalBytes.Should().Be(before);
    }

    [Fact]
    public async Task Client_ThatAnswersOnAndOn_TakesNoMoreMemory()
    {
        using PretrainedModel model = SmallModel.Create();
        using IChatClient client = model.AsChatClient(Short with { MaxNewTokens = 80 });
        for (int turn = 0; turn < 6; turn++)
            await client.GetResponseAsync("Hello?");
        long before = NativeBuffer.TotalBytes, tensors = torch.Tensor.TotalCount;

        for (int turn = 0; turn < 30; turn++)
            await client.GetResponseAsync("Hello again, number " + turn % 6);

        NativeBuffer.TotalBytes.Should().BeInRange(before, before + 8 * model.Config.LayerCount * 64 * 2 * 64 * sizeof(float) * 16, "a few blocks at most");
        torch.Tensor.TotalCount.Should().Be(tensors, "kernels make no tensors");
    }

    [Fact]
    public void Memory_ThatNobodyDisposes_GoesWithItsObjects()
    {
        Collect(0); // what other tests have left
        long before = NativeBuffer.TotalBytes;
        Forget();
        NativeBuffer.TotalBytes.Should().BeGreaterThan(before);

        Collect(before);

        NativeBuffer.TotalBytes.Should().Be(before);

        static void Collect(long bytes)
        {
            for (int turn = 0; turn < 10 && NativeBuffer.TotalBytes > bytes; turn++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            MiniMindNetwork network = SmallNetwork();
            NetworkModel model = new(new SharedNetwork(network));
            new GenerationSession(network, model.NewReader()).Next(s_ids, default);
        }
    }

    private static GenerationOptions Short => GenerationOptions.Greedy with { MaxNewTokens = 5 };

    private static async Task Answer(IChatClient client)
    {
        using (client)
            await client.GetResponseAsync("Hello?");
    }

    private static MiniMindNetwork SmallNetwork()
    {
        MiniMindNetwork network = new(new ModelConfig { VocabularySize = 1000, HiddenSize = 48, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2 });
        using torch.Generator random = new(1);
        network.Initialize(random, 0.1);
        return network;
    }

    private static float[] Logits(PackedNetwork packed, MiniMindNetwork network)
    {
        using BatchReaderSession session = new(new HostDecoder(packed), network.Config);
        return session.Next(s_ids, default);
    }
}
