using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using MiniMind.MLNet.Dpo.AspNetCore.Serving;

namespace MiniMind.MLNet.Dpo.AspNetCore;

/// <summary>A server of chat models alone: OpenAI's endpoints, without an app around them.</summary>
/// <remarks>It reads no settings from files or the environment. Thread-safe.</remarks>
public sealed class ChatServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;

    private ChatServer(WebApplication app) => _app = app;

    /// <summary>Where it listens, with the ports that it took.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _app.Urls.Select(url => new Uri(url))];

    /// <summary>Starts a server.</summary>
    /// <param name="models">Chat clients by the names that requests give; they stay the caller's.</param>
    /// <param name="options">Where it listens, and whom it answers; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="ArgumentException">There is no model, a name cannot be one, or the options are not valid.</exception>
    /// <exception cref="IOException">An address is in use or cannot be listened at.</exception>
    public static async Task<ChatServer> StartAsync(
        IReadOnlyDictionary<string, IChatClient> models, ChatServerOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ChatServerOptions();
        options.Validate();
        WebApplication app = Build(models, options);
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
            return new ChatServer(app);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Serves until it is asked to end; then no further request is taken, and those that run are told so and end.</summary>
    /// <param name="stop">Asks for the end.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
            .ConfigureAwait(false);
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Ends what runs, and listens no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication Build(IReadOnlyDictionary<string, IChatClient> models, ChatServerOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls([.. options.Urls]).ConfigureKestrel(server => server.AddServerHeader = false);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, ForeignLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = s_patience);
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy =>
            policy.WithOrigins([.. options.AllowedOrigins]).WithMethods("GET", "POST").WithHeaders("authorization", "content-type")));
        builder.Services.AddHostFiltering(hosts =>
        {
            hosts.AllowedHosts = options.AllowedHosts.Count > 0 ? [.. options.AllowedHosts] : ["*"];
            hosts.IncludeFailureMessage = false;
        });
        builder.Logging.SetMinimumLevel(options.LogLevel).AddSimpleConsole(line => line.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        WebApplication app = builder.Build();
        app.UseHostFiltering();
        app.UseRouting();
        app.UseCors();
        app.MapMiniMindChat(models, options.Endpoints);
        return app;
    }
}
