using System.ClientModel;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using OpenAI;
using OpenAI.Chat;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>The code of <c>docs/SERVE.md</c>: it is the code here, and it answers; and the page names every field.</summary>
public sealed partial class ServePageTests
{
    private static readonly string s_page = File.ReadAllText(TestFiles.Repository("docs", "SERVE.md"));

    [Fact]
    public async Task Code_OfAppAndClients_AnswersByTheSameModel()
    {
        const string key = "sk-page";
        string modelFolder = TestFiles.Repository("examples", "QuickStart", "model");
        string[] args = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning"];

        // page
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.Services.AddMiniMindChat("bakery", _ =>
        {
            using PretrainedModel model = PretrainedModel.Load(modelFolder);
            return model.AsChatClient(null, new ServingOptions { MostTogether = 8, MostWaiting = 32 });
        });

        WebApplication app = builder.Build();
        app.MapMiniMindChat(new ChatEndpointOptions { ApiKeys = [key], MaxAnswerTokens = 1024 });
        // end

        await app.StartAsync();
        Uri address = new(app.Urls.Single());
        TextWriter output = Console.Out;
        using StringWriter written = new();
        Console.SetOut(written);
        try
        {
            // page
            ChatClient bakery = new("bakery", new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(address, "/v1") });
            await foreach (StreamingChatCompletionUpdate piece in bakery.CompleteChatStreamingAsync("Is rye sold out?"))
                Console.Write(string.Concat(piece.ContentUpdate.Select(part => part.Text)));
            // end
            written.ToString().Trim().Should().NotBeEmpty();
            written.GetStringBuilder().Clear();

            // page
            IChatClient chat = bakery.AsIChatClient();
            Console.WriteLine(await chat.GetResponseAsync("Is rye sold out?"));
            // end
            written.ToString().Trim().Should().NotBeEmpty();
        }
        finally
        {
            Console.SetOut(output);
            await app.DisposeAsync();
        }
    }

    [Fact]
    public void Page_ShowsThisVeryCode()
    {
        string source = File.ReadAllText(TestFiles.Repository("tests", "Studio", "ServePageTests.cs"));

        Words(string.Join('\n', Code().Matches(s_page).Select(code => code.Groups[1].Value))).Should().Equal(
            Words(string.Join('\n', Own().Matches(source).Select(code => code.Groups[1].Value))));
    }

    [Fact]
    public void Page_NamesEveryFieldThatIsReadOrRefused()
    {
        string[] sources = [.. Directory.EnumerateFiles(TestFiles.Repository("src", "Studio", "Requests"), "*Fields.cs").Select(File.ReadAllText)];
        string[] fields = [.. sources.SelectMany(source => Field().Matches(source)).Select(field => field.Groups[1].Value).Distinct()];

        fields.Should().HaveCountGreaterThan(30).And.Contain(["temperature", "reasoning_effort", "tools", "suffix"]);
        fields.Where(field => !s_page.Contains($"`{field}`", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void Page_NamesEveryLimitWithItsDefault()
    {
        foreach (string name in typeof(ChatEndpointOptions).GetProperties().Select(property => property.Name).Except(["Prefix", "ApiKeys", "EqualityContract"]))
            s_page.Should().Contain($"`{name}`");
        ChatEndpointOptions defaults = new();
        (defaults.MaxRequestBytes, defaults.MaxMessages, defaults.MaxAnswerTokens, defaults.MaxConcurrentRequests, defaults.RequestTimeout).Should()
            .Be((1 << 20, 1000, null, 128, TimeSpan.FromMinutes(10)));
        ChatServerOptions.UsualPort.Should().Be(8998);
    }

    private static string[] Words(string text) => text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^ +// page\n(.*?)^ +// end", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Own();

    [GeneratedRegex("""(?:fields\.\w+\(|^ +\[)"([a-z_]+)"(?:[,)]|\] = )""", RegexOptions.Multiline)]
    private static partial Regex Field();
}
