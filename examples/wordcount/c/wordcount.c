/*
 * Kafka's own word count (WordCountDemo) in C.
 *
 * wordcount --bootstrap-servers HOST:PORT [--input TOPIC] [--output TOPIC] [--application-id ID]   until Ctrl-C
 * wordcount --text FILE [--json FILE]   feeds a text through a broker of its own and prints what it counted
 */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <kstreams.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND 1000

/* Ends the program when something failed. */
static void ok(ks_error_t *error) {
  if (error == NULL) return;
  fprintf(stderr, "wordcount: %s", ks_error_message(error));
  for (const ks_error_t *cause = ks_error_cause(error); cause != NULL; cause = ks_error_cause(cause)) {
    fprintf(stderr, ": %s", ks_error_message(cause));
  }
  fprintf(stderr, "\n");
  exit(1);
}

/* --- the functions of the topology -------------------------------------------------------------- */

static bool in_word(int c) { return isalnum(c) || c == '_'; }

/* The next word from `at` in lower case, as Java's split("\\W+"): a leading empty word stays, trailing ones go. */
static bool next_word(const char *line, size_t size, size_t *at, char *word, size_t *length) {
  *length = 0;
  if (*at == 0 && (size == 0 || !in_word((unsigned char)line[0]))) {
    while (*at < size && !in_word((unsigned char)line[*at])) ++*at;
    if (*at < size) return true;
    *at = size + 1;
    return size == 0;
  }
  while (*at < size && !in_word((unsigned char)line[*at])) ++*at;
  while (*at < size && in_word((unsigned char)line[*at])) {
    word[(*length)++] = (char)tolower((unsigned char)line[(*at)++]);
  }
  return *length > 0;
}

static ks_error_t *split(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  const size_t size = record->value.size;
  char small[1024], *word = size <= sizeof small ? small : malloc(size);
  ks_value_view_t value = {KS_VALUE_TEXT, 0, 0, (const uint8_t *)word, 0};
  ks_emit_spec_t result = {NULL, &value};
  ks_error_t *error = NULL;
  (void)user_data;
  for (size_t at = 0; error == NULL && next_word((const char *)record->value.data, size, &at, word, &value.size);) {
    error = ks_emitter_emit(emitter, &result, sizeof result);
  }
  if (word != small) free(word);
  return error;
}

static ks_error_t *word_of(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ks_emit_spec_t result = {&record->value, NULL};
  (void)user_data;
  return ks_emitter_emit(emitter, &result, sizeof result);
}

static ks_topology_t *make_topology(const char *input, const char *output) {
  ks_builder_t *builder;
  ks_stream_t *lines, *words, *counts;
  ks_grouped_t *grouped;
  ks_table_t *table;
  ks_topology_t *topology;
  ks_produced_spec_t produced = {"string", "long"};
  ok(ks_builder_new(&builder));
  ok(ks_builder_stream(builder, NULL, &input, 1, NULL, 0, &lines));
  ok(ks_stream_flat_map_values(lines, NULL, split, NULL, NULL, &words));
  ok(ks_stream_group_by(words, NULL, NULL, 0, word_of, NULL, NULL, &grouped));
  ok(ks_grouped_count(grouped, NULL, NULL, 0, &table));
  ok(ks_table_to_stream(table, NULL, &counts));
  ok(ks_stream_to(counts, NULL, output, &produced, sizeof produced));
  ok(ks_builder_build(builder, NULL, &topology));
  ks_stream_destroy(counts);
  ks_table_destroy(table);
  ks_grouped_destroy(grouped);
  ks_stream_destroy(words);
  ks_stream_destroy(lines);
  ks_builder_destroy(builder);
  return topology;
}

/* --- on somebody's cluster ------------------------------------------------------------------------ */

static void run_until_stopped(ks_topology_t *topology, ks_config_t *config) {
  const struct timespec moment = {1, 0};
  ks_streams_t *streams;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  ok(ks_streams_new(topology, config, &streams));
  ok(ks_streams_start(streams));
  while (sigtimedwait(&stop, NULL, &moment) < 0 && ks_streams_state(streams) != KS_STATE_ERROR) {
  }
  ok(ks_streams_close(streams, 2 * SECOND));
  ok(ks_streams_error(streams));
  ks_streams_destroy(streams);
}

/* --- with a broker of its own ---------------------------------------------------------------------- */

typedef struct {
  char *word;
  int64_t count;
} entry_t;

typedef struct {
  entry_t *entries;
  size_t used, size;
} counts_t;

/* Where a word stands, or will stand. */
static entry_t *find(const counts_t *counts, const char *word, size_t length) {
  size_t at = 14695981039346656037u;
  for (size_t i = 0; i < length; i++) at = (at ^ (unsigned char)word[i]) * 1099511628211u;
  for (at %= counts->size; counts->entries[at].word != NULL; at = (at + 1) % counts->size) {
    if (strlen(counts->entries[at].word) == length && memcmp(counts->entries[at].word, word, length) == 0) break;
  }
  return &counts->entries[at];
}

static void set_count(counts_t *counts, const char *word, size_t length, int64_t count) {
  if (2 * counts->used >= counts->size) {
    counts_t larger = {calloc(2 * counts->size + 1024, sizeof(entry_t)), counts->used, 2 * counts->size + 1024};
    for (size_t i = 0; i < counts->size; i++) {
      entry_t *entry = &counts->entries[i];
      if (entry->word != NULL) *find(&larger, entry->word, strlen(entry->word)) = *entry;
    }
    free(counts->entries);
    *counts = larger;
  }
  entry_t *entry = find(counts, word, length);
  if (entry->word == NULL) {
    entry->word = memcpy(calloc(1, length + 1), word, length);
    counts->used++;
  }
  entry->count = count;
}

static int by_rank(const void *left, const void *right) {
  const entry_t *a = left, *b = right;
  if ((a->word == NULL) != (b->word == NULL)) return a->word == NULL ? 1 : -1;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  return a->word == NULL ? 0 : strcmp(a->word, b->word);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Sends the lines of a text and says how many words are in them. */
static size_t feed(ks_config_t *config, const char *path) {
  FILE *text = fopen(path, "r");
  char *line = NULL;
  size_t room = 0, words = 0;
  ssize_t size;
  ks_producer_t *producer;
  if (text == NULL) {
    perror(path);
    exit(1);
  }
  ok(ks_producer_new(config, &producer));
  while ((size = getline(&line, &room, text)) >= 0) {
    ks_send_spec_t record = KS_SEND_SPEC_INIT;
    if (size > 0 && line[size - 1] == '\n') size--;
    record.topic = "streams-plaintext-input";
    record.value = (const uint8_t *)line;
    record.value_size = (size_t)size;
    ok(ks_producer_send(producer, &record, sizeof record, NULL));
    char *word = malloc((size_t)size + 1);
    size_t length;
    for (size_t at = 0; next_word(line, (size_t)size, &at, word, &length);) words++;
    free(word);
  }
  ok(ks_producer_close(producer, 30 * SECOND));
  ks_producer_destroy(producer);
  free(line);
  fclose(text);
  return words;
}

/* Reads the output until every word has been counted (without a cache that is one record a word); gives words a second. */
static double read_counts(ks_consumer_t *consumer, size_t expected, counts_t *counts) {
  double begin = 0, shown = now();
  for (size_t seen = 0; seen < expected;) {
    ks_batch_t *batch;
    ks_record_view_t record;
    ok(ks_consumer_poll(consumer, SECOND, 10000, &batch));
    for (size_t i = 0; ks_batch_view(batch, i, &record, sizeof record); i++) {
      int64_t count = 0;
      for (size_t byte = 0; byte < record.value.size; byte++) count = count << 8 | record.value.data[byte];
      set_count(counts, (const char *)record.key.data, record.key.size, count);
      if (seen++ == 0) begin = now();
    }
    ks_batch_destroy(batch);
    if (now() - shown > 0.5) {
      printf("%zu of %zu words\n", seen, expected);
      shown = now();
    }
  }
  return (double)expected / (now() - begin);
}

static void write_text(FILE *file, const char *text) {
  fputc('"', file);
  for (; *text != '\0'; text++) {
    if (*text == '\n') fputs("\\n", file);
    else if (*text == '"' || *text == '\\') fprintf(file, "\\%c", *text);
    else fputc(*text, file);
  }
  fputc('"', file);
}

static void write_json(const char *path, ks_config_t *config, ks_topology_t *topology, const counts_t *counts,
                       double rate) {
  FILE *file = fopen(path, "w");
  ks_admin_t *admin;
  ks_topic_list_t *topics;
  ks_topic_view_t topic;
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  ok(ks_admin_new(config, &admin));
  ok(ks_admin_topics(admin, 5 * SECOND, &topics));
  fprintf(file, "{\"language\": \"c\", \"rate\": %.0f, \"describe\": ", rate);
  write_text(file, ks_topology_describe(topology));
  fprintf(file, ", \"topics\": [");
  for (size_t i = 0; ks_topic_list_view(topics, i, &topic, sizeof topic); i++) {
    fputs(i > 0 ? ", " : "", file);
    write_text(file, topic.name);
  }
  fprintf(file, "], \"counts\": {");
  for (size_t i = 0; i < counts->used; i++) {
    fputs(i > 0 ? ", " : "", file);
    write_text(file, counts->entries[i].word);
    fprintf(file, ": %lld", (long long)counts->entries[i].count);
  }
  fprintf(file, "}}\n");
  fclose(file);
  ks_topic_list_destroy(topics);
  ok(ks_admin_close(admin, 5 * SECOND));
  ks_admin_destroy(admin);
}

static void demonstrate(ks_topology_t *topology, ks_config_t *config, const char *application, const char *text,
                        const char *json) {
  const char *output = "streams-wordcount-output";
  ks_embedded_cluster_t *cluster;
  ks_config_t *clients;
  ks_streams_t *streams;
  ks_consumer_t *consumer;
  counts_t counts = {NULL, 0, 0};
  ok(ks_embedded_cluster_new(1, &cluster));
  ok(ks_embedded_cluster_prepare(cluster, topology, application));
  ok(ks_config_new(&clients));
  ok(ks_config_set(clients, "bootstrap.servers", ks_embedded_cluster_bootstrap_servers(cluster)));
  ok(ks_config_set(config, "bootstrap.servers", ks_embedded_cluster_bootstrap_servers(cluster)));
  size_t expected = feed(clients, text);

  ok(ks_streams_new(topology, config, &streams));
  ok(ks_streams_start(streams));
  ok(ks_config_set(clients, "group.id", "demo"));
  ok(ks_config_set(clients, "auto.offset.reset", "earliest"));
  ok(ks_consumer_new(clients, &consumer));
  ok(ks_consumer_subscribe(consumer, &output, 1));
  double rate = read_counts(consumer, expected, &counts);
  ok(ks_streams_close(streams, 5 * SECOND));
  ok(ks_consumer_close(consumer, 5 * SECOND));

  qsort(counts.entries, counts.size, sizeof(entry_t), by_rank);
  for (size_t i = 0; i < counts.used && i < 20; i++) {
    printf("%7lld %s\n", (long long)counts.entries[i].count, counts.entries[i].word);
  }
  printf("%zu words, %.0f words a second\n", expected, rate);
  if (json != NULL) write_json(json, clients, topology, &counts, rate);
  for (size_t i = 0; i < counts.used; i++) free(counts.entries[i].word);
  free(counts.entries);
  ks_streams_destroy(streams);
  ks_consumer_destroy(consumer);
  ks_config_destroy(clients);
  ks_embedded_cluster_destroy(cluster);
}

static const char *option(int count, char **arguments, const char *name, const char *otherwise) {
  for (int i = 1; i + 1 < count; i += 2) {
    if (strcmp(arguments[i], name) == 0) return arguments[i + 1];
  }
  return otherwise;
}

int main(int count, char **arguments) {
  const char *servers = option(count, arguments, "--bootstrap-servers", NULL);
  const char *application = option(count, arguments, "--application-id", "streams-wordcount");
  ks_topology_t *topology = make_topology(option(count, arguments, "--input", "streams-plaintext-input"),
                                          option(count, arguments, "--output", "streams-wordcount-output"));
  ks_config_t *config;
  printf("%s\n", ks_topology_describe(topology));
  ok(ks_config_new(&config));
  ok(ks_config_set(config, "application.id", application));
  ok(ks_config_set(config, "default.key.serde", "string"));
  ok(ks_config_set(config, "default.value.serde", "string"));
  ok(ks_config_set(config, "statestore.cache.max.bytes", "0"));
  ok(ks_config_set(config, "auto.offset.reset", "earliest"));
  if (servers != NULL) {
    ok(ks_config_set(config, "bootstrap.servers", servers));
    run_until_stopped(topology, config);
  } else {
    demonstrate(topology, config, application, option(count, arguments, "--text", "examples/data/opticks.txt"),
                option(count, arguments, "--json", NULL));
  }
  ks_config_destroy(config);
  ks_topology_destroy(topology);
  return 0;
}
