using System.ComponentModel;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ML;
using Microsoft.Extensions.Primitives;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Generation;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>The code of <c>docs/IN-AN-APP.md</c>: it is the code here, and the app that it makes answers while its model is replaced.</summary>
public sealed partial class InAnAppPageTests(WatchedModelTests.Models models) : IClassFixture<WatchedModelTests.Models>
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "IN-AN-APP.md"));

    private TwoModels Two => models.Two;

    [Fact]
    public async Task Code_OfTheWebApp_AnswersAThousandRequestsWhileItsModelIsReplacedTenTimes()
    {
        string modelFile = Two.Place("web.zip");
        Two.Rename(0, modelFile);
        string[] args = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning"];

        // page
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        MLContext mlContext = new();
        builder.Services.AddSingleton(services => mlContext.Preferences.WatchModel(modelFile, new WatchedModelOptions
        {
            Logger = services.GetRequiredService<ILogger<WatchedModel>>(),
        }));
        builder.Services.AddSingleton(services => mlContext.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(
            services.GetRequiredService<WatchedModel>().Transformer));

        WebApplication app = builder.Build();
        app.Services.GetRequiredService<WatchedModel>(); // loads now, and not at the first request
        app.MapPost("/score", (PreferencePair pair, PredictionPool<PreferencePair, PreferenceScore> pool) => pool.Predict(pair));
        app.MapPost("/reload", (WatchedModel model) => model.Refresh() ? "in use" : model.Refusal ?? "no file");
        // end

        await app.StartAsync();
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
        int asked = 0;
        async Task Ask()
        {
            while (Interlocked.Increment(ref asked) <= 1000)
            {
                using HttpResponseMessage response = await client.PostAsJsonAsync("/score", TwoModels.Pair);
                response.EnsureSuccessStatusCode();
                PreferenceScore score = (await response.Content.ReadFromJsonAsync<PreferenceScore>())!;
                score.Margin.Should().BeOneOf(Two.Margins);
            }
        }

        Task requests = Task.WhenAll(Ask(), Ask(), Ask(), Ask());
        for (int i = 1; i <= 10; i++)
        {
            Two.Rename(i % 2, modelFile);
            using HttpResponseMessage response = await client.PostAsync("/reload", null);
            (await response.Content.ReadAsStringAsync()).Should().Be("in use");
        }
        await requests;
        app.Services.GetRequiredService<WatchedModel>().Replacements.Should().Be(10);
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Code_OfThePoolPackage_GoesOnWhileTheModelIsReplaced()
    {
        string modelFile = Two.Place("pool.zip");
        Two.Rename(0, modelFile);
        MLContext mlContext = new();
        ServiceCollection services = new();

        // page
        services.AddSingleton(mlContext.Preferences.WatchModel(modelFile));
        services.AddPredictionEnginePool<PreferencePair, PreferenceScore>();
        services.AddOptions<PredictionEnginePoolOptions<PreferencePair, PreferenceScore>>()
            .Configure<WatchedModel>((options, model) => options.ModelLoader = new WatchedModelLoader(model));
        // end

        using ServiceProvider provider = services.BuildServiceProvider();
        PredictionEnginePool<PreferencePair, PreferenceScore> pool = provider.GetRequiredService<PredictionEnginePool<PreferencePair, PreferenceScore>>();
        WatchedModel watched = provider.GetRequiredService<WatchedModel>();
        int asked = 0;
        Task requests = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (Interlocked.Increment(ref asked) <= 1000)
                pool.Predict(TwoModels.Pair).Margin.Should().BeOneOf(Two.Margins);
        })));
        for (int i = 1; i <= 10; i++)
        {
            Two.Rename(i % 2, modelFile);
            watched.Refresh().Should().BeTrue();
        }
        await requests;
        pool.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[0], "no engine of an earlier model is left in the pool");
        watched.Dispose();
    }

    // page
    internal sealed class WatchedModelLoader(WatchedModel model) : ModelLoader
    {
        public override ITransformer GetModel() => model.Transformer;

        public override IChangeToken GetReloadToken() => new CancellationChangeToken(CancellationToken.None); // its engines never grow old
    }
    // end

    [Fact]
    public async Task Code_OfTheChat_StreamsReasoningTextAndCalls()
    {
        const string Call = "<think>\nHm.\n</think>\n\nI look.\n<tool_call>\n{\"name\": \"Price\", \"arguments\": {\"bread\": \"rye\"}}\n</tool_call>";
        using IChatClient chat = ScriptedChat.Client(new TurnsModel(Call), ScriptedChat.Greedy, ToolTemplates.Hermes);
        using StringWriter console = new();
        CancellationToken cancellationToken = default;
        string question = "What does rye cost?";
        void Write(string text) => console.Write(text);

        // page
        [Description("The price of a bread in euros.")]
        static double Price(string bread) => bread == "rye" ? 4 : 3;

        ChatOptions options = new()
        {
            Instructions = "You are a baker.",
            Temperature = 0.7f,
            MaxOutputTokens = 400,
            Tools = [AIFunctionFactory.Create(Price, nameof(Price))],
        };
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(question, options, cancellationToken))
        {
            foreach (AIContent content in update.Contents)
            {
                Write(content switch
                {
                    TextReasoningContent reasoning => $"[thinks: {reasoning.Text}]",
                    FunctionCallContent call => $"[calls: {call.Name}]",
                    TextContent text => text.Text,
                    _ => "",
                });
            }
        }
        // end

        console.ToString().Replace("][thinks: ", "", StringComparison.Ordinal).Should().Be("[thinks: Hm.]I look.[calls: Price]");
    }

    [Fact]
    public void Code_OfTheFeatures_TrainsOnScores()
    {
        string modelFile = Two.Files[0], rankerFile = Two.Place("ranker.zip");
        MLContext mlContext = new(seed: 1);
        List<Reply> replies = [.. Enumerable.Range(0, 40).Select(i => new Reply
        {
            Chosen = TwoModels.Pair.Chosen, Rejected = TwoModels.Pair.Rejected.Replace("door", $"door {i}", StringComparison.Ordinal),
            Minutes = i % 7, WasBought = i % 7 < 3,
        })];

        // page
        ITransformer scorer = mlContext.Preferences.LoadModel(modelFile);
        IDataView scored = mlContext.Data.Cache(scorer.Transform(mlContext.Data.LoadFromEnumerable(replies))); // each row is scored once
        IEstimator<ITransformer> ranker = mlContext.Transforms.Concatenate("Features", "Margin", "ChosenReward", "RejectedReward", "Minutes")
            .Append(mlContext.Transforms.NormalizeMeanVariance("Features"))
            .Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(labelColumnName: "WasBought"));
        TransformerChain<ITransformer> whole = new(scorer, ranker.Fit(scored));
        mlContext.Model.SaveAtomically(whole, mlContext.Data.LoadFromEnumerable(replies).Schema, rankerFile);
        // end

        using WatchedModel watched = mlContext.Preferences.WatchModel(rankerFile);
        using PredictionPool<Reply, Bought> pool = mlContext.Model.CreatePredictionPool<Reply, Bought>(watched.Transformer);
        pool.Predict(replies[0]).Probability.Should().BeGreaterThan(0.5f);
        pool.Predict(replies[6]).Probability.Should().BeLessThan(0.5f);
        ((IDisposable)scorer).Dispose();
    }

    [Fact]
    public void Page_ShowsThisVeryCode()
    {
        string source = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "tests", "Estimators", "InAnAppPageTests.cs"));

        Words(string.Join('\n', Code().Matches(s_page).Select(code => code.Groups[1].Value))).Should().Equal(
            Words(string.Join('\n', Own().Matches(source).Select(code => code.Groups[1].Value))));
    }

    [Fact]
    public void Page_NamesEveryChatOption()
    {
        foreach (string name in typeof(ChatOptions).GetProperties().Select(property => property.Name))
            s_page.Should().Contain($"`{name}`");
        s_page.Should().Contain("every second").And.Contain($"{nameof(WatchedModelOptions)}.{nameof(WatchedModelOptions.Period)}");
        new WatchedModelOptions().Period.Should().Be(TimeSpan.FromSeconds(1));
    }

    private static string[] Words(string text) => text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^ +// page\n(.*?)^ +// end", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Own();

    private sealed class Reply
    {
        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";

        public float Minutes { get; set; }

        public bool WasBought { get; set; }
    }

    private sealed class Bought
    {
        public float Probability { get; set; }
    }
}
