using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Modeling;

namespace MakeQuickStart;

/// <summary>The small model that speaks both colleagues' ways: a MiniMind from random weights, fine-tuned on the conversations.</summary>
internal static class BaseModel
{
    private const int Seed = 7;

    /// <summary>Trains it, and writes config.json and model.safetensors beside the tokenizer.</summary>
    /// <param name="modelFolder">Has the tokenizer's files.</param>
    /// <param name="conversations">The JSONL file to learn from.</param>
    /// <param name="vocabularySize">The tokenizer's.</param>
    public static void Make(string modelFolder, string conversations, int vocabularySize)
    {
        ModelConfig shape = new()
        {
            VocabularySize = vocabularySize, HiddenSize = 128, LayerCount = 4, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 1024,
        };
        MLContext mlContext = new(seed: Seed);
        using PretrainedModel untrained = PretrainedModel.CreateRandom(shape, modelFolder, Seed);
        Console.WriteLine($"{untrained.ParameterCount} parameters");
        IDataView data = mlContext.Preferences.LoadConversationsFromJsonl(conversations);
        EstimatorChain<SftTransformer> pipeline = mlContext.Transforms
            .ApplyChatTemplate(untrained.ChatTemplate, [new("ConversationText", "Conversation")])
            .Append(mlContext.Transforms.TokenizeConversations(untrained.Tokenizer, [new("ConversationTokens", "ConversationText")], maxLength: 256))
            .Append(mlContext.Transforms.MaskResponses(untrained, [new("ConversationMask", "ConversationTokens")]))
            .Append(mlContext.Transforms.ShiftForNextToken("Conversation"))
            .Append(mlContext.Preferences.Trainers.Sft(new SftTrainer.Options
            {
                Model = untrained,
                Epochs = 5,
                BatchSize = 32,
                LearningRate = 2e-3,
                Schedule = ScheduleOptions.Cosine(warmupSteps: 50, floor: 0.05),
                Precision = ComputePrecision.Fp32,
                Threads = 1, // sums depend on the number of threads
                LogInterval = 50,
                Progress = new ProgressLines(),
            }));
        using TransformerChain<SftTransformer> trained = pipeline.Fit(data);
        trained.LastTransformer.Model.SaveModel(modelFolder, WeightPrecision.BFloat16);
    }

    private sealed class ProgressLines : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) =>
            Console.WriteLine(
                $"  step {value.Step}/{value.TotalSteps}  loss {value.Loss:F4}  {value.TokensPerSecond:F0} tokens/s  {value.Remaining:m\\:ss} left");
    }
}
