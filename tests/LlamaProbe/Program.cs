using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LLama;
using LLama.Common;
using LLama.Exceptions;
using LLama.Native;
using MiniMind.MLNet.Dpo.LlamaProbe;

// arguments: a file with questions (JSON), and where to write the answers
List<string> errors = [];
NativeLibraryConfig.All.WithLogCallback((level, message) =>
{
    if (level == LLamaLogLevel.Error)
        errors.Add(message);
});
Question[] questions = JsonSerializer.Deserialize<Question[]>(File.ReadAllBytes(args[0]))!;
File.WriteAllBytes(args[1], JsonSerializer.SerializeToUtf8Bytes(questions.Select(question => Ask(question, errors)).ToArray()));
return 0;

static Answer Ask(Question question, List<string> errors)
{
    errors.Clear();
    // everything in single precision on one thread, so that what differs is the file's doing
    ModelParams settings = new(question.Path)
    {
        ContextSize = 256, BatchSize = 256, UBatchSize = 256, Threads = 1, BatchThreads = 1, GpuLayerCount = 0, FlashAttention = false,
        TypeK = GGMLType.GGML_TYPE_F32, TypeV = GGMLType.GGML_TYPE_F32,
    };
    try
    {
        using LLamaWeights weights = LLamaWeights.LoadFromFile(settings);
        int[][] ids = [.. question.Texts.Select(text => weights.Tokenize(text, true, true, Encoding.UTF8).Select(token => (int)token).ToArray())];
        LoraAdapter? adapter = question.Adapter is null ? null : weights.NativeHandle.LoadLoraFromFile(question.Adapter);
        if (adapter is not null && errors.Count > 0) // an adapter of nothing is given for a file that cannot be added
            return new Answer { Failure = string.Concat(errors) };
        (int[] Continuation, byte[] Logits)[] read = [.. question.Prompts.Select(prompt => Read(weights, settings, adapter, prompt, question))];
        LLamaToken[] all = [.. Enumerable.Range(0, weights.Vocab.Count).Select(id => (LLamaToken)id)];
        return new Answer
        {
            Metadata = weights.Metadata.ToDictionary(pair => pair.Key, pair => pair.Value),
            Ids = ids,
            Decoded = [.. ids.Select(row => Decode(weights, row))],
            Ends = [.. all.Where(token => token.IsEndOfGeneration(weights.Vocab)).Select(token => (int)token)],
            Controls = [.. all.Where(token => token.IsControl(weights.Vocab)).Select(token => (int)token)],
            Continuations = [.. read.Select(one => one.Continuation)],
            Logits = [.. read.Select(one => one.Logits)],
        };
    }
    catch (Exception failure) when (failure is LoadWeightsFailedException or InvalidOperationException)
    {
        return new Answer { Failure = failure.Message };
    }
}

static string Decode(LLamaWeights weights, int[] ids)
{
    List<byte> bytes = [];
    Span<byte> piece = stackalloc byte[1024];
    foreach (int id in ids)
    {
        uint length = weights.NativeHandle.TokenToSpan(id, piece, 0, true);
        bytes.AddRange(piece[..(int)length]);
    }
    return Encoding.UTF8.GetString([.. bytes]);
}

static (int[] Continuation, byte[] Logits) Read(LLamaWeights weights, ModelParams settings, LoraAdapter? adapter, int[] prompt, Question question)
{
    using LLamaContext context = weights.CreateContext(settings);
    if (adapter is not null)
        context.NativeHandle.SetLoraAdapters([(adapter, 1f)]);
    LLamaBatch batch = new();
    for (int i = 0; i < prompt.Length; i++)
        batch.Add(prompt[i], i, LLamaSeqId.Zero, true);
    Run(context, batch);
    byte[] logits = question.Logits ? [.. Enumerable.Range(0, prompt.Length)
        .SelectMany(i => MemoryMarshal.AsBytes(context.NativeHandle.GetLogitsIth(i)).ToArray())] : [];
    List<int> continuation = [];
    int row = prompt.Length - 1;
    while (continuation.Count < question.Greedy)
    {
        continuation.Add(Largest(context.NativeHandle.GetLogitsIth(row)));
        batch.Clear();
        batch.Add(continuation[^1], prompt.Length + continuation.Count - 1, LLamaSeqId.Zero, true);
        Run(context, batch);
        row = 0;
    }
    return ([.. continuation], logits);
}

static void Run(LLamaContext context, LLamaBatch batch)
{
    if (context.Decode(batch) is var result and not DecodeResult.Ok)
        throw new InvalidOperationException($"llama.cpp says {result}.");
}

static int Largest(ReadOnlySpan<float> values)
{
    int largest = 0;
    for (int i = 1; i < values.Length; i++)
    {
        if (values[i] > values[largest])
            largest = i;
    }

    return largest;
}
