using LLama;
using LLama.Abstractions;
using LLama.Common;
using LLama.Native;
using LLama.Transformers;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;

// Trains on the bakery's preferences, saves the policy as a GGUF file, and asks it the same through this library and through llama.cpp.
// Argument: the file to write, bakery.gguf by default; an Ollama Modelfile goes beside it.
string file = args.Length > 0 ? args[0] : "bakery.gguf";

MLContext mlContext = new(seed: 42);
using PretrainedModel baseModel = PretrainedModel.Load(Path.Combine(AppContext.BaseDirectory, "model"));
IDataView pairs = mlContext.Data.TakeRows(mlContext.Preferences.LoadFromJsonl(Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl")), 48);
var pipeline = mlContext.Transforms.PreparePreferencePairs(baseModel, new PreferencePreparationOptions { MaxLength = 256 })
    .Append(mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = baseModel, LearningRate = 5e-5, BatchSize = 8 }));
using TransformerChain<DpoTransformer> trained = pipeline.Fit(pairs);
Console.WriteLine($"trained {trained.LastTransformer.TrainingSummary.Steps} steps");

trained.LastTransformer.SaveGguf(file, GgufType.F32, new GgufOptions { WriteModelfile = true, Name = "bakery" });
Console.WriteLine($"wrote {file}, {new FileInfo(file).Length:N0} bytes");

NativeLibraryConfig.All.WithLogCallback((_, _) => { });
ModelParams settings = new(file) { ContextSize = 512, GpuLayerCount = 0 };
using LLamaWeights weights = LLamaWeights.LoadFromFile(settings);
using IChatClient here = trained.LastTransformer.AsChatClient();
using IChatClient there = new StatelessExecutor(weights, settings).AsChatClient(new PromptTemplateTransformer(weights, withAssistant: true));
ChatOptions likeliest = new() { Temperature = 0, MaxOutputTokens = 48 };
foreach (string question in (string[])["When do you open?", "Do you have rye bread?", "How much is a croissant?"])
{
    ChatMessage[] messages = [new(ChatRole.User, question)];
    Console.WriteLine($"\n{question}");
    Console.WriteLine($"  here:      {(await here.GetResponseAsync(messages, likeliest)).Text.Trim()}");
    Console.WriteLine($"  llama.cpp: {(await there.GetResponseAsync(messages, likeliest)).Text.Trim()}");
}
