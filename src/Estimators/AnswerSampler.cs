using System.Diagnostics;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>
/// Generates answers to the same prompts again and again, and measures how long they are. Greedy, so that no random numbers are drawn and the same weights give
/// the same answers.
/// </summary>
/// <param name="policy">Whose answers.</param>
/// <param name="prompts">Token ids of the prompts, at least one.</param>
/// <param name="mostTokens">Where an answer is cut off.</param>
/// <param name="stopIds">Ids that end an answer.</param>
/// <param name="communicator">Connects the processes that train together; each answers some of the prompts.</param>
internal sealed class AnswerSampler(
    MiniMindNetwork policy, IReadOnlyList<int[]> prompts, int mostTokens, IReadOnlySet<int> stopIds, ICommunicator communicator)
{
    private readonly GenerationOptions _options = new() { Temperature = 0, TopP = 1, TopK = 0, MaxNewTokens = mostTokens };
    private readonly int[]?[] _policy = new int[]?[prompts.Count]; // the latest answers; null where the weights gave none
    private int[]?[]? _reference;
    private double _seconds;

    /// <summary>Turns ids into text, for records.</summary>
    public required HuggingFaceTokenizer Tokenizer { get; init; }

    /// <summary>Who answers beside the policy in records; <see langword="null"/> for nobody.</summary>
    public MiniMindNetwork? Reference { get; init; }

    /// <summary>Whether the reference is what the policy was before the first step, so that answers of then are its own.</summary>
    public bool StartsAtReference { get; init; }

    /// <summary>Whether the reference answers anew every time, since it does not stay as it is.</summary>
    public bool ReferenceMoves { get; init; }

    /// <summary>
    /// Lets the policy answer. The mean number of tokens, the stop token included; <see langword="null"/> where it was cancelled, on any process.
    /// </summary>
    /// <remarks>Not a number where the weights are none.</remarks>
    public double? Mean(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using PackedNetwork? packed = Pack(policy);
        using GenerationSession session = SessionOf(policy, packed);
        double[] tokens = [0];
        bool whole = true;
        List<int> own = []; // of each answer its prompt, its length and its ids
        for (int prompt = communicator.Rank; prompt < prompts.Count && whole; prompt += communicator.Size)
        {
            communicator.Activity.Report($"the evaluation, answer {prompt + 1} of {prompts.Count}");
            int[]? answer = Answer(session, prompts[prompt], cancellation, ref whole);
            tokens[0] += answer?.Length ?? double.NaN; // the validation's loss is none either, and what then happens is for the guards to say
            own.AddRange([prompt, answer?.Length ?? -1, .. answer ?? []]);
        }
        if (!RankSums.Complete(communicator, tokens, whole))
            return null;
        foreach (byte[] part in communicator.Size == 1 ? [MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(own)).ToArray()]
            : communicator.AllGather(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(own))))
        {
            Take(MemoryMarshal.Cast<byte, int>(part));
        }
        _seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return tokens[0] / prompts.Count;
    }

    /// <summary>The latest answers as text, with the reference's, which answers here where it has not yet.</summary>
    /// <param name="step">The finished steps.</param>
    public AnswerSample Sample(long step)
    {
        long start = Stopwatch.GetTimestamp();
        bool asks = Reference is not null && (_reference is null || ReferenceMoves) && !(StartsAtReference && step == 0);
        if (Reference is not null && StartsAtReference && step == 0)
            _reference = [.. _policy];
        if (asks)
            _reference = AnswersOf(Reference!);
        double? seconds = asks ? Stopwatch.GetElapsedTime(start).TotalSeconds : null;
        return new AnswerSample(step, _seconds, seconds, [.. prompts.Select((prompt, i) => new SampledAnswer(
            Tokenizer.Decode(prompt), _reference is null ? null : Text(_reference[i]), Text(_policy[i]) ?? "", _policy[i]?.Length ?? 0,
            _policy[i] is { Length: > 0 } ids && stopIds.Contains(ids[^1])))]);
    }

    /// <summary>The weights as kernels read them, packed anew each time, since steps change them; <see langword="null"/> where none read them.</summary>
    private static PackedNetwork? Pack(MiniMindNetwork network) => PackedNetwork.Obstacle(network) is null ? new PackedNetwork(network, null) : null;

    private static GenerationSession SessionOf(MiniMindNetwork network, PackedNetwork? packed) =>
        new(network, packed is null ? null : new HostDecoder(packed));

    private int[]?[] AnswersOf(MiniMindNetwork network)
    {
        using PackedNetwork? packed = Pack(network);
        using GenerationSession session = SessionOf(network, packed);
        bool whole = true;
        return [.. prompts.Select(prompt => Answer(session, prompt, CancellationToken.None, ref whole))];
    }

    private int[]? Answer(GenerationSession session, int[] prompt, CancellationToken cancellation, ref bool whole)
    {
        List<int> answer = [];
        try
        {
            foreach (int id in session.Generate(prompt, _options, stopIds, CancellationToken.None))
            {
                whole = !cancellation.IsCancellationRequested;
                if (!whole)
                    break;
                answer.Add(id);
            }
        }
        catch (NotFiniteNumberException)
        {
            return null;
        }
        return [.. answer];
    }

    private void Take(ReadOnlySpan<int> part)
    {
        while (!part.IsEmpty)
        {
            (int prompt, int length) = (part[0], part[1]);
            _policy[prompt] = length < 0 ? null : part.Slice(2, length).ToArray();
            part = part[(2 + Math.Max(0, length))..];
        }
    }

    private string? Text(int[]? answer)
    {
        if (answer is null)
            return null;
        return Tokenizer.Decode(answer is { Length: > 0 } && stopIds.Contains(answer[^1]) ? answer.AsSpan(..^1) : answer);
    }
}
