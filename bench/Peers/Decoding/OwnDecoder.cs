using System.Diagnostics;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>The library, without a chat client around it.</summary>
internal sealed class OwnDecoder : IDecoder
{
    private readonly NetworkModel _model;
    private readonly BatchReaderSession _reader;
    private readonly int _threads;
    private AnswerTokens? _answer;

    public OwnDecoder(string name, PretrainedModel model, DecodingOptions options, int threads)
    {
        (Name, _threads) = (name, threads);
        _model = new NetworkModel(model.Network.Share(), options);
        _reader = new BatchReaderSession(_model.NewReader(), model.Network.Network.Config);
    }

    public string Name { get; }

    public void Begin(int prompt)
    {
        torch.set_num_threads(_threads);
        int[] ids = [.. Enumerable.Range(0, prompt).Select(i => 3 + i % 1000)];
        _answer = new AnswerTokens(ids, GenerationOptions.Greedy with { MaxNewTokens = int.MaxValue }, _model.VocabularySize, _model.MaxPositions);
        Next();
    }

    public double Burst(int tokens)
    {
        torch.set_num_threads(_threads);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < tokens; i++)
            Next();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _model.Dispose();
    }

    private void Next() => _answer!.Add(_reader.Next(_answer.Sequence, CancellationToken.None));
}
