using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using LLama;
using LLama.Common;
using LLama.Native;

// arguments: a GGUF file, threads. Lines come in, one each goes out:
// "begin N"   reads a prompt of N tokens in an empty context: the seconds that it took
// "burst N"   adds N tokens greedily: the seconds that they took
NativeLibraryConfig.All.WithLogCallback((_, _) => { });
int threads = int.Parse(args[1], CultureInfo.InvariantCulture);
ModelParams settings = new(args[0]) { ContextSize = 1024, Threads = threads, BatchThreads = threads, GpuLayerCount = 0 };
using LLamaWeights weights = LLamaWeights.LoadFromFile(settings);
using LLamaContext context = weights.CreateContext(settings);
LLamaBatch batch = new();
int position = 0, next = 0;
Console.WriteLine("ready");
while (Console.ReadLine()?.Split(' ') is [var verb, var number])
{
    int count = int.Parse(number, CultureInfo.InvariantCulture);
    long start = Stopwatch.GetTimestamp();
    if (verb == "begin")
    {
        context.NativeHandle.MemoryClear();
        batch.Clear();
        for (position = 0; position < count; position++)
            batch.Add(3 + position % 1000, position, LLamaSeqId.Zero, position == count - 1);
        Decode(count - 1);
    }
    else
    {
        for (int i = 0; i < count; i++)
        {
            batch.Clear();
            batch.Add(next, position++, LLamaSeqId.Zero, true);
            Decode(0);
        }
    }
    Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
}
return 0;

void Decode(int row)
{
    if (context.Decode(batch) is var result and not DecodeResult.Ok)
        throw new InvalidOperationException($"llama.cpp says {result}.");
    next = TensorPrimitives.IndexOfMax(context.NativeHandle.GetLogitsIth(row));
}
