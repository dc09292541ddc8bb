using System.Diagnostics;
using Microsoft.Extensions.AI;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>The library through its chat client: a burst is a streamed answer, from the request to its end.</summary>
internal sealed class ClientDecoder : IDecoder
{
    private readonly IChatClient _client;

    public ClientDecoder(string name, PretrainedModel model, DecodingOptions options, int threads)
    {
        Name = name;
        torch.set_num_threads(threads); // the threads that decode take it over
        _client = model.AsChatClient(GenerationOptions.Greedy, options);
    }

    public string Name { get; }

    public void Begin(int prompt) => Burst(1);

    public double Burst(int tokens)
    {
        long start = Stopwatch.GetTimestamp();
        long? made = Task.Run(() => Answer(tokens)).GetAwaiter().GetResult();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return made == tokens ? seconds : throw new InvalidOperationException($"The answer has {made} tokens instead of {tokens}.");
    }

    public void Dispose() => _client.Dispose();

    private async Task<long?> Answer(int tokens)
    {
        long? made = null;
        await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync("Why is the sky blue?", new ChatOptions { MaxOutputTokens = tokens }))
            made = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details.OutputTokenCount ?? made;
        return made;
    }
}
