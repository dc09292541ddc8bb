using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

/// <summary>A judge on this machine that replies by rule over HTTP.</summary>
internal sealed partial class StubJudgeServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerRequest, string, string, (int Status, string Body)> _reply;
    private readonly Task _serving;

    private StubJudgeServer(Func<HttpListenerRequest, string, string, (int Status, string Body)> reply)
    {
        _reply = reply;
        using (Socket socket = new(SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Address = $"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}/v1";
        }
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _serving = Task.Run(Serve);
    }

    /// <summary>What a command is told.</summary>
    public string Address { get; }

    /// <summary>What it was sent.</summary>
    public List<JsonObject> Requests { get; } = [];

    /// <summary>The headers with keys.</summary>
    public List<string?> Authorizations { get; } = [];

    /// <summary>A judge that says a letter of the answers as it is shown them.</summary>
    public static StubJudgeServer Saying(Func<string, string, string> letter) => new((_, first, second) => (200, Completion(letter(first, second))));

    /// <summary>A judge whose replies are these, one after the other and again.</summary>
    public static StubJudgeServer Broken(params string[] bodies)
    {
        int calls = 0;
        return new((_, _, _) => (200, bodies[calls++ % bodies.Length]));
    }

    /// <summary>A judge that fails, and repeats what it was sent as its key.</summary>
    public static StubJudgeServer Failing(int status) => new((request, _, _) =>
        (status, $$$"""{"error":{"message":"out of order for {{{request.Headers["Authorization"]}}}","type":"server_error","code":null}}"""));

    /// <summary>A reply in the form of the protocol.</summary>
    public static string Completion(string text) => new JsonObject
    {
        ["id"] = "1", ["object"] = "chat.completion", ["created"] = 1, ["model"] = "stub",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0, ["finish_reason"] = "stop", ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
        }),
    }.ToJsonString();

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private void Serve()
    {
        try
        {
            while (true)
                Answer(_listener.GetContext());
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private void Answer(HttpListenerContext context)
    {
        using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
        JsonObject request = (JsonObject)JsonNode.Parse(reader.ReadToEnd())!;
        Requests.Add(request);
        Authorizations.Add(context.Request.Headers["Authorization"]);
        JsonNode content = request["messages"]!.AsArray()[^1]!["content"]!;
        string question = content is JsonArray parts ? parts[0]!["text"]!.GetValue<string>() : content.GetValue<string>();
        Match shown = Answers().Match(question);
        (int status, string body) = _reply(context.Request, shown.Groups["a"].Value, shown.Groups["b"].Value);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        (context.Response.StatusCode, context.Response.ContentType) = (status, "application/json");
        context.Response.Close(bytes, willBlock: true);
    }

    [GeneratedRegex(
        @"^\[answer A (?<m>[0-9a-f]{16})\]\n(?<a>.*?)\n\[end of answer A \k<m>\]\n\n\[answer B \k<m>\]\n(?<b>.*?)\n\[end of answer B \k<m>\]\n",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Answers();
}
